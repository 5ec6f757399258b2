import { type Random, scramble } from "../random.ts";

/** Whose estate it is. The dumps lie in no folder; these two words are for whoever writes them to `<account>/<region>/`. */
export const account = "111122223333";
export const region = "eu-west-1";

/** An AWS id, one for each kind and index. */
export const id = (kind: string, index: number): string =>
  `${kind}-0${hex8(scramble(index + 1))}${hex8(scramble(index ^ 0x5a11e))}`;

export const hex8 = (number: number): string => (number >>> 0).toString(16).padStart(8, "0");

export const ipv4 = (number: number): string =>
  `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;

/** The block that an IPv4 address lies in, written as AWS writes it: without host bits. */
export const block4 = (address: number, length: number): string =>
  `${ipv4(length === 0 ? 0 : (address & (-1 << (32 - length))) >>> 0)}/${length}`;

/** An address of the internet, away from everything that is special. */
export const publicAddress = (r: Random): number =>
  ((r.pick([3, 5, 8, 18, 24, 31, 41, 46, 62, 77, 81, 89, 93, 104, 121, 139, 151, 178, 185, 194, 201, 213]) << 24) |
    r.int(0, 0xffffff)) >>>
  0;

/** A random block of the internet: mostly one address or a /24, at most a /16. */
export const publicBlock4 = (r: Random): string =>
  block4(publicAddress(r), r.pick([32, 32, 32, 32, 29, 28, 26, 24, 24, 22, 20, 16]));

/** A random block of the IPv6 internet. */
export const publicBlock6 = (r: Random): string => {
  const [first, second, third] = [r.pick(["2600", "2400", "2a01", "2a02"]), r.int(1, 0xffff), r.int(1, 0xffff)];
  const start = `${first}:${second.toString(16)}`;
  return r.pick([
    `${start}::/32`,
    `${start}:${third.toString(16)}::/48`,
    `${start}:${third.toString(16)}:${r.int(1, 0xffff).toString(16)}::/64`,
    `${start}:${third.toString(16)}::${r.int(1, 0xffff).toString(16)}/128`,
  ]);
};

export const privateBlock4 = (r: Random): string =>
  r.chance(0.85)
    ? block4(((10 << 24) | r.int(0, 0xffffff)) >>> 0, r.pick([32, 32, 24, 24, 20, 18, 16, 12, 8]))
    : r.pick(["172.16.0.0/12", "192.168.0.0/16", "192.168.1.0/24", "172.31.0.0/16", "100.64.0.0/10"]);

/** A moment of some past year, to the second. */
export const moment = (r: Random): string => {
  const two = (number: number): string => String(number).padStart(2, "0");
  const clock = `${two(r.int(0, 23))}:${two(r.int(0, 59))}:${two(r.int(0, 59))}`;
  return `20${r.int(20, 25)}-${two(r.int(1, 12))}-${two(r.int(1, 28))}T${clock}+00:00`;
};

/** Tags as AWS prints them. */
export const tags = (name: string): readonly { readonly Key: string; readonly Value: string }[] => [
  { Key: "Name", Value: name },
];
