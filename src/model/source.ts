/** Where a fact was read: a file of raw answers, and the JSON pointer into it (RFC 6901). */
export interface Source {
  readonly file: string;
  readonly pointer: string;
}

/** A place inside a place: `inside(at, "IpPermissions/0")`. */
export const inside = ({ file, pointer }: Source, step: string | number): Source => ({
  file,
  pointer: `${pointer}/${step}`,
});
