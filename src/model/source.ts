/** Where a fact was read: a file of raw answers, and the JSON pointer into it (RFC 6901). */
export interface Source {
  readonly file: string;
  readonly pointer: string;
}

/** A place inside a place: `inside(at, "IpPermissions/0")`. */
export const inside = (at: Source, step: string | number): Source => new Inside(at, step);

/** Everything that is read keeps its place, and few places are ever told: the pointer is put together when one is. */
class Inside implements Source {
  private readonly at: Source;
  private readonly step: string | number;

  constructor(at: Source, step: string | number) {
    this.at = at;
    this.step = step;
  }

  get file(): string {
    return this.at.file;
  }

  get pointer(): string {
    return `${this.at.pointer}/${this.step}`;
  }

  toJSON(): Source {
    return { file: this.file, pointer: this.pointer };
  }
}
