/**
 * Another layout for the same sets, to compare the program's own with: all ends of all prefixes of an estate on one
 * axis, each known by its rank; a set of clients is a rising list of ranks, where it begins and stops by turns; a set
 * of packets is a row of such sets over the axis of services. Equal sets and rows have one id.
 */
import type { Prefix } from "#packets/address.ts";
import { bounds } from "#packets/address.ts";

/** What an estate asks to be computed, as numbers: sources, groups and the rest are known by their places in the lists. */
export interface Job {
  /** Whom a rule may name: one prefix, or all those of a prefix list. */
  readonly sources: readonly (readonly Prefix[])[];
  readonly groups: readonly (readonly Permission[])[];
  readonly acls: readonly (readonly Entry[])[];
  /** Distinct combinations of groups that interfaces carry. */
  readonly combinations: readonly (readonly number[])[];
  /** Distinct pairs of a combination and the network ACL before it. */
  readonly classes: readonly { readonly combination: number; readonly acl: number }[];
}

/** A stretch of the axis of services, protocol * 65536 + port; `to` is behind the last one. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}
export interface Permission extends Stretch {
  readonly sources: readonly number[];
}
/** Entries stand in the order in which they are asked. */
export interface Entry extends Stretch {
  readonly source: number;
  readonly allow: boolean;
}

/** Where each prefix begins and stops on the axis, `2 * prefix` and the place behind it, and the ends in order. */
interface Axis {
  readonly ranks: Uint32Array;
  readonly ends4: readonly number[];
  readonly ends6: readonly bigint[];
}

/** IPv4 first, IPv6 behind it. The last end of IPv4 and the first of IPv6 are two ranks, so that families never mix. */
const axisOf = (prefixes: readonly Prefix[]): Axis => {
  const ranks = new Uint32Array(2 * prefixes.length);
  const [places4, places6]: [number[], number[]] = [[], []];
  const values4 = new Float64Array(ranks.length);
  const values6: bigint[] = [];
  prefixes.forEach((prefix, i) => {
    const { address, bits } = prefix;
    if (address.family === 4) {
      const size = 2 ** (32 - bits);
      const first = address.words[0] - (address.words[0] % size);
      [values4[2 * i], values4[2 * i + 1]] = [first, first + size];
      places4.push(2 * i, 2 * i + 1);
    } else {
      const [first, last] = bounds(prefix);
      [values6[2 * i], values6[2 * i + 1]] = [first, last + 1n];
      places6.push(2 * i, 2 * i + 1);
    }
  });
  const [ends4, ends6]: [number[], bigint[]] = [[], []];
  for (const place of byRadix(places4, values4)) {
    const value = values4[place] ?? 0;
    if (value !== ends4.at(-1)) ends4.push(value);
    ranks[place] = ends4.length - 1;
  }
  const value6 = (place: number): bigint => values6[place] ?? 0n;
  places6.sort((a, b) => (value6(a) < value6(b) ? -1 : value6(a) > value6(b) ? 1 : 0));
  for (const place of places6) {
    if (value6(place) !== ends6.at(-1)) ends6.push(value6(place));
    ranks[place] = ends4.length + ends6.length - 1;
  }
  return { ranks, ends4, ends6 };
};

/** Places by their values of up to 33 bits: eleven bits at a time, the lowest first. */
const byRadix = (places: readonly number[], values: Float64Array): Uint32Array => {
  let [from, to] = [Uint32Array.from(places), new Uint32Array(places.length)];
  for (const low of [1, 2 ** 11, 2 ** 22]) {
    const next = new Uint32Array(2049);
    const digit = (place: number): number => Math.floor((values[place] ?? 0) / low) & 2047;
    for (const place of from) next[digit(place) + 1] = (next[digit(place) + 1] ?? 0) + 1;
    for (let i = 1; i < next.length; i++) next[i] = (next[i] ?? 0) + (next[i - 1] ?? 0);
    for (const place of from) {
      const at = next[digit(place)] ?? 0;
      to[at] = place;
      next[digit(place)] = at + 1;
    }
    [from, to] = [to, from];
  }
  return from;
};

/** Lists of words, one behind the other in one array; equal lists have one id. The empty list is 0. */
class Pool {
  words = new Uint32Array(1 << 16);
  private used = 0;
  private starts = new Uint32Array(1 << 12);
  private hashes = new Int32Array(1 << 12);
  private slots = new Int32Array(1 << 13).fill(-1);
  private count = 0;

  constructor() {
    this.keep(this.room(0));
  }

  start(id: number): number {
    return this.starts[id] ?? 0;
  }

  /** Where a new list of at most this length may be written: it counts once it is kept. */
  room(length: number): number {
    if (this.used + length > this.words.length) {
      const wider = new Uint32Array(2 * this.words.length + length);
      wider.set(this.words.subarray(0, this.used));
      this.words = wider;
    }
    return this.used;
  }

  /** The id of the list that was written to the room and stops before `end`. */
  keep(end: number): number {
    const { words, used } = this;
    let hash = end - used;
    for (let i = used; i < end; i++) {
      hash = Math.imul(hash ^ (words[i] ?? 0), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const mask = this.slots.length - 1;
    let at = hash & mask;
    for (let id = this.slots[at] ?? -1; id !== -1; id = this.slots[at] ?? -1) {
      if (this.hashes[id] === hash && this.isSame(id, end)) return id;
      at = (at + 1) & mask;
    }
    const id = this.count++;
    this.slots[at] = id;
    this.hashes[id] = hash;
    this.starts[id] = used;
    this.starts[id + 1] = end;
    this.used = end;
    if (this.count + 1 === this.starts.length) this.grow();
    return id;
  }

  private isSame(id: number, end: number): boolean {
    const { words, used } = this;
    const start = this.start(id);
    if (this.start(id + 1) - start !== end - used) return false;
    for (let i = used, j = start; i < end; i++, j++) if (words[i] !== words[j]) return false;
    return true;
  }

  private grow(): void {
    const [starts, hashes] = [this.starts, this.hashes];
    this.starts = new Uint32Array(2 * starts.length);
    this.starts.set(starts);
    this.hashes = new Int32Array(2 * hashes.length);
    this.hashes.set(hashes);
    this.slots = new Int32Array(4 * hashes.length).fill(-1);
    const mask = this.slots.length - 1;
    for (let id = 0; id < this.count; id++) {
      let at = (this.hashes[id] ?? 0) & mask;
      while (this.slots[at] !== -1) at = (at + 1) & mask;
      this.slots[at] = id;
    }
  }
}

/** What an operation answered for two ids. */
class Memory {
  private left = new Int32Array(1 << 12).fill(-1);
  private right = new Int32Array(1 << 12);
  private result = new Int32Array(1 << 12);
  private count = 0;

  get(a: number, b: number): number {
    const at = this.find(a, b);
    return this.left[at] === -1 ? -1 : (this.result[at] ?? -1);
  }

  set(a: number, b: number, result: number): void {
    if (2 * this.count > this.left.length) this.grow();
    const at = this.find(a, b);
    this.left[at] = a;
    this.right[at] = b;
    this.result[at] = result;
    this.count++;
  }

  private find(a: number, b: number): number {
    const { left, right } = this;
    const mask = left.length - 1;
    const mixed = Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b);
    let at = (mixed ^ (mixed >>> 15)) & mask;
    while (left[at] !== -1 && (left[at] !== a || right[at] !== b)) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { left, right, result } = this;
    this.left = new Int32Array(2 * left.length).fill(-1);
    this.right = new Int32Array(2 * left.length);
    this.result = new Int32Array(2 * left.length);
    left.forEach((a, i) => {
      if (a === -1) return;
      const at = this.find(a, right[i] ?? 0);
      this.left[at] = a;
      this.right[at] = right[i] ?? 0;
      this.result[at] = result[i] ?? 0;
    });
  }
}

const NONE = 0;

/** An operation as a table of truth: bit `2 * a + b` says whether the answer holds what is (1) or is not (0) in a, b. */
const UNION = 0b1110;
const INTERSECTION = 0b1000;
const DIFFERENCE = 0b0100;

/** Sets of clients: lists of ranks, where the set begins and stops by turns. */
class Clients {
  private readonly pool = new Pool();
  private readonly memories = { [UNION]: new Memory(), [INTERSECTION]: new Memory(), [DIFFERENCE]: new Memory() };
  private gathered = new Float64Array(1 << 8);

  span(from: number, to: number): number {
    const at = this.pool.room(2);
    this.pool.words[at] = from;
    this.pool.words[at + 1] = to;
    return this.pool.keep(at + 2);
  }

  or(a: number, b: number): number {
    if (a === b || b === NONE) return a;
    if (a === NONE) return b;
    return a < b ? this.known(UNION, a, b) : this.known(UNION, b, a);
  }
  and(a: number, b: number): number {
    if (a === b) return a;
    if (a === NONE || b === NONE) return NONE;
    return a < b ? this.known(INTERSECTION, a, b) : this.known(INTERSECTION, b, a);
  }
  minus(a: number, b: number): number {
    if (a === b || a === NONE) return NONE;
    return b === NONE ? a : this.known(DIFFERENCE, a, b);
  }

  /** The union of many: all their runs in order, joined where they touch. A run is one number, `from * 2^26 + to`. */
  anyOf(ids: readonly number[]): number {
    const [first = NONE, second = NONE] = ids;
    if (ids.length <= 2) return this.or(first, second);
    const { pool } = this;
    let count = 0;
    for (const id of ids) {
      const end = pool.start(id + 1);
      for (let i = pool.start(id); i < end; i += 2) {
        if (count === this.gathered.length) {
          const wider = new Float64Array(2 * count);
          wider.set(this.gathered);
          this.gathered = wider;
        }
        this.gathered[count++] = (pool.words[i] ?? 0) * RANKS + (pool.words[i + 1] ?? 0);
      }
    }
    sort(this.gathered, count);
    const start = pool.room(2 * count);
    const { words } = pool;
    let end = start;
    for (let k = 0; k < count; k++) {
      const from = Math.floor((this.gathered[k] ?? 0) / RANKS);
      const to = (this.gathered[k] ?? 0) - from * RANKS;
      if (end > start && from <= (words[end - 1] ?? 0)) {
        if (to > (words[end - 1] ?? 0)) words[end - 1] = to;
      } else {
        words[end++] = from;
        words[end++] = to;
      }
    }
    return pool.keep(end);
  }

  has(id: number, rank: number): boolean {
    let inside = false;
    for (let i = this.pool.start(id); i < this.pool.start(id + 1) && (this.pool.words[i] ?? 0) <= rank; i++)
      inside = !inside;
    return inside;
  }

  private known(truth: keyof Clients["memories"], a: number, b: number): number {
    const memory = this.memories[truth];
    const before = memory.get(a, b);
    if (before !== -1) return before;
    const made = this.merge(truth, a, b);
    memory.set(a, b, made);
    return made;
  }

  private merge(truth: number, a: number, b: number): number {
    const { pool } = this;
    let i = pool.start(a);
    let j = pool.start(b);
    const [endA, endB] = [pool.start(a + 1), pool.start(b + 1)];
    let end = pool.room(endA - i + endB - j);
    const { words } = pool;
    let inside = 0;
    let state = 0;
    while (i < endA || j < endB) {
      const x = i < endA ? (words[i] ?? 0) : Infinity;
      const y = j < endB ? (words[j] ?? 0) : Infinity;
      if (x <= y) {
        state ^= 2;
        i++;
      }
      if (y <= x) {
        state ^= 1;
        j++;
      }
      const now = (truth >> state) & 1;
      if (now !== inside) {
        words[end++] = x < y ? x : y;
        inside = now;
      }
    }
    return pool.keep(end);
  }
}

const RANKS = 2 ** 26;

/** In place; most lists are short, and there a plain insertion is faster. */
const sort = (values: Float64Array, count: number): void => {
  if (count > 24) {
    values.subarray(0, count).sort();
    return;
  }
  for (let i = 1; i < count; i++) {
    const value = values[i] ?? 0;
    let at = i;
    for (; at > 0 && (values[at - 1] ?? 0) > value; at--) values[at] = values[at - 1] ?? 0;
    values[at] = value;
  }
};

/** What the rank axis makes of a job: for each class the id of a row, and who is in it. */
export interface Answers {
  readonly rows: readonly number[];
  has(row: number, client: Prefix, service: number): boolean;
}

export const rankAxis = (job: Job): Answers => {
  const axis = axisOf(job.sources.flat());
  const clients = new Clients();
  const rows = new Pool();
  let place = 0;
  const sources = job.sources.map((prefixes) =>
    clients.anyOf(prefixes.map(() => clients.span(axis.ranks[place++] ?? 0, axis.ranks[place++] ?? 0))),
  );
  const or = (a: number, b: number): number => clients.or(a, b);
  const and = (a: number, b: number): number => clients.and(a, b);

  /** A row is pairs of a service and the set that holds from there on. It begins at 0, and neighbours differ. */
  const rowOf = (stretches: readonly Stretch[], setFrom: (service: number) => number): number => {
    const cuts = cutsOf(stretches);
    let end = rows.room(2 * cuts.length);
    let last = NONE;
    for (const cut of cuts) {
      const set = setFrom(cut);
      if (set === last) continue;
      rows.words[end++] = cut;
      rows.words[end++] = set;
      last = set;
    }
    return rows.keep(end);
  };

  const merged = (a: number, b: number, join: (a: number, b: number) => number): number => {
    let i = rows.start(a);
    let j = rows.start(b);
    const [endA, endB] = [rows.start(a + 1), rows.start(b + 1)];
    let end = rows.room(endA - i + endB - j);
    const { words } = rows;
    let [inA, inB, last] = [NONE, NONE, NONE];
    while (i < endA || j < endB) {
      const x = i < endA ? (words[i] ?? 0) : Infinity;
      const y = j < endB ? (words[j] ?? 0) : Infinity;
      if (x <= y) {
        inA = words[i + 1] ?? 0;
        i += 2;
      }
      if (y <= x) {
        inB = words[j + 1] ?? 0;
        j += 2;
      }
      const set = join(inA, inB);
      if (set === last) continue;
      words[end++] = x < y ? x : y;
      words[end++] = set;
      last = set;
    }
    return rows.keep(end);
  };

  const active: number[] = [];
  const groups = job.groups.map((permissions) => {
    const sets = permissions.map((each) => clients.anyOf(each.sources.map((source) => sources[source] ?? NONE)));
    return rowOf(permissions, (service) => {
      active.length = 0;
      for (let i = 0; i < permissions.length; i++) {
        const each = permissions[i];
        if (each !== undefined && each.from <= service && service < each.to) active.push(sets[i] ?? NONE);
      }
      return clients.anyOf(active);
    });
  });
  const combinations = job.combinations.map((places) =>
    places.reduce((row, place) => merged(row, groups[place] ?? NONE, or), NONE),
  );

  /** Each stretch of services is decided by itself: what an earlier entry met, a later one does not. */
  const acls = job.acls.map((entries) =>
    rowOf(entries, (service) => {
      let [seen, allowed] = [NONE, NONE];
      for (const { from, to, source, allow } of entries) {
        if (service < from || service >= to) continue;
        const set = sources[source] ?? NONE;
        if (allow) allowed = clients.or(allowed, clients.minus(set, seen));
        seen = clients.or(seen, set);
      }
      return allowed;
    }),
  );
  const answers = job.classes.map(({ combination, acl }) =>
    merged(combinations[combination] ?? NONE, acls[acl] ?? NONE, and),
  );

  return {
    rows: answers,
    has: (row, client, service) => {
      let set = NONE;
      for (let i = rows.start(row); i < rows.start(row + 1) && (rows.words[i] ?? 0) <= service; i += 2)
        set = rows.words[i + 1] ?? NONE;
      return clients.has(set, rankOf(axis, client));
    },
  };
};

const cutsOf = (stretches: readonly Stretch[]): readonly number[] => {
  const cuts: number[] = [];
  for (const { from, to } of stretches) cuts.push(from, to);
  cuts.sort((a, b) => a - b);
  return cuts.filter((cut, i) => cut !== cuts[i - 1]);
};

/** The last end that is not behind an address; nothing begins before the first. */
const rankOf = ({ ends4, ends6 }: Axis, client: Prefix): number =>
  client.address.family === 4
    ? lastUpTo(ends4, client.address.words[0])
    : ends4.length + lastUpTo(ends6, bounds(client)[0]);

const lastUpTo = <T extends number | bigint>(ends: readonly T[], value: T): number => {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const end = ends[middle];
    if (end !== undefined && end <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
