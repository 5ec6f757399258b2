/**
 * Sets of tuples of numbers, as decision diagrams over intervals.
 *
 * A set is nothing, everything, or a row of cuts on one level with a smaller set between each two of them:
 * `kids[i]` holds for the numbers in `[cuts[i - 1], cuts[i])`, the first from 0, the last without end. A level that a
 * set does not mention is free. Neighbouring kids differ and equal sets are one object, so equality is `===`, and an
 * operation on the same two sets is done once.
 */
export interface Node {
  readonly id: number;
  readonly level: number;
  readonly cuts: readonly number[];
  readonly kids: readonly Node[];
}

const TERMINAL = 99;
export const NONE: Node = { id: 0, level: TERMINAL, cuts: [], kids: [] };
export const ALL: Node = { id: 1, level: TERMINAL, cuts: [], kids: [] };

const HIGH_WORD = 2 ** 32;
let slots: (Node | undefined)[] = new Array<Node | undefined>(1 << 12);
let hashes = new Int32Array(1 << 12);
let count = 2;

const hashOf = (level: number, cuts: readonly number[], kids: readonly Node[]): number => {
  let hash = level + 1;
  for (const cut of cuts) {
    hash = Math.imul(hash ^ (cut | 0), 0x9e3779b1);
    if (cut >= HIGH_WORD) hash ^= cut / HIGH_WORD;
    hash ^= hash >>> 15;
  }
  for (const kid of kids) hash = Math.imul(hash ^ kid.id, 0x85ebca6b) ^ (hash >>> 13);
  return hash;
};

const same = <T>(a: readonly T[], b: readonly T[]): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

const grow = (): void => {
  const [oldSlots, oldHashes] = [slots, hashes];
  slots = new Array<Node | undefined>(oldSlots.length * 2);
  hashes = new Int32Array(slots.length);
  const mask = slots.length - 1;
  oldSlots.forEach((node, i) => {
    if (node === undefined) return;
    const hash = oldHashes[i] ?? 0;
    let at = hash & mask;
    while (slots[at] !== undefined) at = (at + 1) & mask;
    slots[at] = node;
    hashes[at] = hash;
  });
};

/** The one node with these cuts and kids, which must be canonical: more than one kid, no two neighbours equal. */
const intern = (level: number, cuts: readonly number[], kids: readonly Node[]): Node => {
  const hash = hashOf(level, cuts, kids);
  const mask = slots.length - 1;
  let at = hash & mask;
  for (let node = slots[at]; node !== undefined; node = slots[at]) {
    if (hashes[at] === hash && node.level === level && same(node.cuts, cuts) && same(node.kids, kids)) return node;
    at = (at + 1) & mask;
  }
  const node: Node = { id: count++, level, cuts, kids };
  slots[at] = node;
  hashes[at] = hash;
  if (count * 2 > slots.length) grow();
  return node;
};

/** The numbers `from ≤ n < to` of a level, with `inside` for the levels below. `to` may be Infinity. */
export const run = (level: number, from: number, to: number, inside: Node = ALL): Node => {
  if (!(from < to)) throw new RangeError(`an empty run: ${from} to ${to}`);
  if (inside === NONE) return NONE;
  if (from === 0) return to === Infinity ? inside : intern(level, [to], [inside, NONE]);
  return to === Infinity ? intern(level, [from], [NONE, inside]) : intern(level, [from, to], [NONE, inside, NONE]);
};

/** What an operation answers without looking inside, or undefined where it must. */
type Short = (a: Node, b: Node) => Node | undefined;

const shortAnd: Short = (a, b) => {
  if (a === b || b === ALL) return a;
  if (a === ALL) return b;
  return a === NONE || b === NONE ? NONE : undefined;
};
const shortOr: Short = (a, b) => {
  if (a === b || b === NONE) return a;
  if (a === NONE) return b;
  return a === ALL || b === ALL ? ALL : undefined;
};
const shortMinus: Short = (a, b) => {
  if (a === NONE || a === b || b === ALL) return NONE;
  return b === NONE ? a : undefined;
};

// A direct-mapped memory of results: a clash forgets the older one, so it never grows.
const MEMORY = 1 << 17;
const memoryOf = (): { left: Int32Array; right: Int32Array; result: Node[] } => ({
  left: new Int32Array(MEMORY).fill(-1),
  right: new Int32Array(MEMORY),
  result: new Array<Node>(MEMORY),
});

const UNCUT: readonly number[] = [];

const operation = (short: Short, commutes: boolean): ((a: Node, b: Node) => Node) => {
  let memory: ReturnType<typeof memoryOf> | undefined;

  const walk = (a: Node, b: Node): Node => {
    const level = a.level < b.level ? a.level : b.level;
    const inA = a.level === level;
    const inB = b.level === level;
    const cutsA = inA ? a.cuts : UNCUT;
    const cutsB = inB ? b.cuts : UNCUT;
    let kidA = inA ? (a.kids[0] as Node) : a; // a node of this level has a kid before its first cut
    let kidB = inB ? (b.kids[0] as Node) : b;
    let last = apply(kidA, kidB);
    const cuts: number[] = [];
    const kids: Node[] = [last];
    for (let i = 0, j = 0; i < cutsA.length || j < cutsB.length; ) {
      const x = i < cutsA.length ? (cutsA[i] as number) : Infinity; // i is within the row
      const y = j < cutsB.length ? (cutsB[j] as number) : Infinity;
      const cut = x < y ? x : y;
      if (x === cut) kidA = a.kids[++i] as Node; // kids are one more than cuts
      if (y === cut) kidB = b.kids[++j] as Node;
      const kid = apply(kidA, kidB);
      if (kid === last) continue;
      cuts.push(cut);
      kids.push(kid);
      last = kid;
    }
    return kids.length === 1 ? last : intern(level, cuts, kids);
  };

  const apply = (a: Node, b: Node): Node => {
    const known = short(a, b);
    if (known !== undefined) return known;
    if (commutes && a.id > b.id) return apply(b, a);
    memory ??= memoryOf();
    const at = (Math.imul(a.id, 0x9e3779b1) ^ Math.imul(b.id, 0x85ebca6b)) >>> 15;
    if (memory.left[at] === a.id && memory.right[at] === b.id) return memory.result[at] as Node; // written with its keys
    const result = walk(a, b);
    memory.left[at] = a.id;
    memory.right[at] = b.id;
    memory.result[at] = result;
    return result;
  };
  return apply;
};

export const and = operation(shortAnd, true);
export const or = operation(shortOr, true);
export const minus = operation(shortMinus, false);

/** The union of many sets, paired off like a tournament so that each number is walked a logarithmic number of times. */
export const anyOf = (sets: readonly Node[]): Node => {
  if (sets.length === 0) return NONE;
  let round = sets;
  while (round.length > 1) {
    const next: Node[] = [];
    for (let i = 0; i < round.length; i += 2) {
      const [a, b] = [round[i] as Node, round[i + 1]]; // i is within the round
      next.push(b === undefined ? a : or(a, b));
    }
    round = next;
  }
  return round[0] as Node; // not empty, see above
};

/** The tuples that are in the set for at least one value of the levels `from` to `to`; those levels become free. */
export const some = (set: Node, from: number, to: number): Node => {
  const seen = new Map<Node, Node>();
  const project = (node: Node): Node => {
    if (node.level > to) return node;
    const known = seen.get(node);
    if (known !== undefined) return known;
    const kids = node.kids.map(project);
    const result = node.level >= from ? anyOf(kids) : rebuild(node, kids);
    seen.set(node, result);
    return result;
  };
  return project(set);
};

/** A node with other kids between the same cuts. */
const rebuild = (node: Node, kids: readonly Node[]): Node => {
  const cuts: number[] = [];
  const kept: Node[] = [];
  kids.forEach((kid, i) => {
    if (i > 0 && kid === kept.at(-1)) return;
    if (i > 0) cuts.push(node.cuts[i - 1] as number); // kid i begins at cut i - 1
    kept.push(kid);
  });
  return kept.length === 1 ? (kept[0] as Node) : intern(node.level, cuts, kept);
};

/** The kid that holds for `value` on the node's own level. */
export const kidAt = (node: Node, value: number): Node => {
  let [low, high] = [0, node.cuts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((node.cuts[middle] as number) <= value) low = middle + 1; // middle is within the row
    else high = middle;
  }
  return node.kids[low] as Node; // kids are one more than cuts
};

/** Whether the set holds the tuple, given as one number for each level. */
export const has = (set: Node, values: readonly number[]): boolean => {
  let node = set;
  while (node.level !== TERMINAL) node = kidAt(node, values[node.level] ?? 0);
  return node === ALL;
};
