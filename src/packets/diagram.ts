/**
 * Sets of tuples of numbers, as decision diagrams over intervals.
 *
 * A set is nothing, everything, or a row of cuts on one level with a smaller set between each two of them: kid `i` holds
 * for the numbers from cut `i - 1` (the first from 0) up to and without cut `i` (the last without end). A level that a
 * set does not mention is free. Neighbouring kids differ and equal sets have one number, so equality is `===`, and an
 * operation on the same two sets is done once.
 *
 * Cuts and kids of all sets lie in two flat arrays, so that sets cost the garbage collector nothing.
 */
declare const set: unique symbol;
export type Node = number & { readonly [set]: true };

// Numbers become sets here, and nowhere else: whoever reads one from the arrays below reads what `intern` wrote.
const TERMINAL = 99;
export const NONE = 0 as Node;
export const ALL = 1 as Node;

const FIRST_NODES = 1 << 18;
/** Room is reserved for so many times the first size; growing into it moves nothing and costs no second copy. */
const MOST = 128;
const room = (bytes: number): ArrayBuffer => new ArrayBuffer(bytes, { maxByteLength: bytes * MOST });
const levels = new Uint8Array(room(FIRST_NODES)).fill(TERMINAL, 0, 2);
const deepest = new Int8Array(room(FIRST_NODES)).fill(-1, 0, 2);
/** Where the cuts of a set begin; its kids, of which there is one more, begin `id` places further in their own array. */
const starts = new Uint32Array(room(FIRST_NODES << 2));
const hashes = new Int32Array(room(FIRST_NODES << 2));
const cuts = new Float64Array(room(FIRST_NODES << 5));
const kids = new Int32Array(room(FIRST_NODES << 4));
let count = 2;

/** Sets by their hash, open addressing; 0 is an empty slot, since nothing is never looked up. */
let slots = new Int32Array(1 << 15);

/** Cuts and kids that are still being collected, one set above the other as the recursion goes. */
let newCuts = new Float64Array(1 << 12);
let newKids = new Int32Array(1 << 12);
let top = 0;

const doubled = <T extends Uint8Array | Int8Array | Uint32Array | Int32Array | Float64Array>(
  array: T,
  make: (length: number) => T,
): T => {
  const larger = make(array.length * 2);
  larger.set(array);
  return larger;
};

const grow = (...arrays: readonly { readonly buffer: ArrayBuffer }[]): void => {
  for (const { buffer } of arrays) buffer.resize(buffer.byteLength * 2);
};

/** Where a hash is looked for first. Its upper bits are the better mixed ones. */
const slotOf = (hash: number): number => (hash ^ (hash >>> 15)) & (slots.length - 1);

const growSlots = (): void => {
  slots = new Int32Array(slots.length * 4);
  for (let id = 2; id < count; id++) {
    let at = slotOf(hashes[id] as number);
    while (slots[at] !== 0) at = (at + 1) & (slots.length - 1);
    slots[at] = id;
  }
};

const push = (cut: number, kid: Node): void => {
  if (top === newCuts.length) {
    newCuts = doubled(newCuts, (length) => new Float64Array(length));
    newKids = doubled(newKids, (length) => new Int32Array(length));
  }
  newCuts[top] = cut;
  newKids[top++] = kid;
};

const HIGH_WORD = 2 ** 32;

const hashFrom = (level: number, base: number): number => {
  let hash = level + 1;
  for (let i = base; i < top; i++) {
    const cut = newCuts[i] as number;
    hash = Math.imul(hash ^ (cut | 0), 0x9e3779b1) ^ (newKids[i] as number);
    if (cut >= HIGH_WORD) hash ^= cut / HIGH_WORD;
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  }
  return hash;
};

const isAsCollected = (id: number, base: number): boolean => {
  const from = starts[id] as number;
  const length = (starts[id + 1] as number) - from;
  if (length !== top - base - 1) return false;
  for (let i = 0; i <= length; i++) if (kids[from + id + i] !== newKids[base + i]) return false;
  for (let i = 0; i < length; i++) if (cuts[from + i] !== newCuts[base + i + 1]) return false;
  return true;
};

/**
 * The one set of this level that was collected above `base`, which is given up: each entry is a kid and the cut where it
 * begins. It must be canonical: cuts rise and no two neighbours are equal.
 */
const intern = (level: number, base: number): Node => {
  if (top - base === 1) {
    top = base;
    return newKids[base] as Node;
  }
  const hash = hashFrom(level, base);
  let at = slotOf(hash);
  for (let id = slots[at] as number; id !== 0; id = slots[at] as number) {
    if (hashes[id] === hash && levels[id] === level && isAsCollected(id, base)) {
      top = base;
      return id as Node;
    }
    at = (at + 1) & (slots.length - 1);
  }
  slots[at] = count;
  return add(level, base, hash);
};

const add = (level: number, base: number, hash: number): Node => {
  const id = count++;
  const from = starts[id] as number;
  const length = top - base - 1;
  while (from + length > cuts.length) grow(cuts);
  while (from + id + length + 1 > kids.length) grow(kids);
  let most = level;
  for (let i = 0; i <= length; i++) {
    const kid = newKids[base + i] as number;
    kids[from + id + i] = kid;
    if (i > 0) cuts[from + i - 1] = newCuts[base + i] as number;
    if ((deepest[kid] as number) > most) most = deepest[kid] as number;
  }
  levels[id] = level;
  deepest[id] = most;
  hashes[id] = hash;
  top = base;
  if (count + 1 >= levels.length) grow(levels, deepest, starts, hashes);
  if (count * 2 > slots.length) growSlots();
  starts[count] = from + length;
  return id as Node;
};

/** The numbers `from ≤ n < to` of a level, with `inside` for the levels below. `to` may be Infinity. */
export const run = (level: number, from: number, to: number, inside: Node = ALL): Node => {
  if (!(from >= 0 && from < to)) throw new RangeError(`an empty run: ${from} to ${to}`);
  if (inside === NONE) return NONE;
  const base = top;
  if (from > 0) push(0, NONE);
  push(from, inside);
  if (to !== Infinity) push(to, NONE);
  return intern(level, base);
};

const AND = 0;
const OR = 1;
const MINUS = 2;
const THEN = 3;
const MEETS = 4;
type Operation = typeof AND | typeof OR | typeof MINUS | typeof THEN | typeof MEETS;

/** Results that are remembered: a clash forgets the older one, so the memory never grows. */
const MEMORY_BITS = 18;
const memory = new Int32Array(4 << MEMORY_BITS);

/** What an operation answers without looking inside, or -1 where it must. */
const short = (operation: Operation, a: Node, b: Node): Node | -1 => {
  if (operation > MINUS) return operation === THEN ? shortThen(a, b) : shortMeets(a, b);
  if (a === b) return operation === MINUS ? NONE : a;
  if (a > ALL && b > ALL) return -1;
  if (operation === OR) return a === ALL || b === ALL ? ALL : a === NONE ? b : a;
  if (operation === AND) return a === NONE || b === NONE ? NONE : a === ALL ? b : a;
  if (a === NONE || b === ALL) return NONE;
  return b === NONE ? a : -1;
};

const walk = (operation: Operation, a: Node, b: Node): Node => {
  const levelA = levels[a] as number;
  const levelB = levels[b] as number;
  const level = levelA < levelB ? levelA : levelB;
  const base = top;
  // A set of a lower level has no cuts on this one, and is its own only kid.
  let i = levelA === level ? (starts[a] as number) : 0;
  let j = levelB === level ? (starts[b] as number) : 0;
  const endA = levelA === level ? (starts[a + 1] as number) : 0;
  const endB = levelB === level ? (starts[b + 1] as number) : 0;
  let kidA = levelA === level ? (kids[i + a] as Node) : a;
  let kidB = levelB === level ? (kids[j + b] as Node) : b;
  let last = apply(operation, kidA, kidB);
  push(0, last);
  let x = i < endA ? (cuts[i] as number) : Infinity;
  let y = j < endB ? (cuts[j] as number) : Infinity;
  while (i < endA || j < endB) {
    const cut = x < y ? x : y;
    if (x === cut) {
      kidA = kids[++i + a] as Node;
      x = i < endA ? (cuts[i] as number) : Infinity;
    }
    if (y === cut) {
      kidB = kids[++j + b] as Node;
      y = j < endB ? (cuts[j] as number) : Infinity;
    }
    let kid: number = short(operation, kidA, kidB);
    if (kid === -1) kid = look(operation, kidA, kidB);
    if (kid === last) continue;
    push(cut, kid as Node);
    last = kid as Node;
  }
  return intern(level, base);
};

const look = (operation: Operation, left: Node, right: Node): Node => {
  const swap = operation < MINUS && left > right;
  const a = swap ? right : left;
  const b = swap ? left : right;
  const key = a * 8 + operation;
  const at = ((Math.imul(key, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> (32 - MEMORY_BITS)) << 2;
  if (memory[at] === key && memory[at + 1] === b) return memory[at + 2] as Node;
  const result = walk(operation, a, b);
  memory[at] = key;
  memory[at + 1] = b;
  memory[at + 2] = result;
  return result;
};

const apply = (operation: Operation, a: Node, b: Node): Node => {
  const known = short(operation, a, b);
  return known === -1 ? look(operation, a, b) : known;
};

export const and = (a: Node, b: Node): Node => apply(AND, a, b);
export const or = (a: Node, b: Node): Node => apply(OR, a, b);
export const minus = (a: Node, b: Node): Node => apply(MINUS, a, b);

/**
 * What becomes of a tuple, on a level below all others: numbers that it may meet, one of which says that it goes on. Where
 * nothing is said it goes on, too.
 */
const OUTCOME = TERMINAL - 1;
export const outcome = (number: number): Node => run(OUTCOME, number, number + 1);
export const GOES_ON = outcome(0);

const goesOn = (node: Node): boolean => kids[(starts[node] as number) + node] === ALL;

const shortThen = (a: Node, b: Node): Node | -1 => {
  if (a === NONE || a === b) return b;
  if (b === NONE) return a;
  if (levels[a] !== OUTCOME) return -1;
  if (!goesOn(a)) return a;
  return levels[b] === OUTCOME ? or(minus(a, GOES_ON), b) : -1;
};

const shortMeets = (a: Node, met: Node): Node | -1 => {
  if (a === NONE) return NONE;
  if (levels[a] !== OUTCOME) return -1;
  return and(a, met) === NONE ? NONE : ALL;
};

/** Outcomes of two lists, one after the other: what goes on from the first meets the second. */
export const onward = (a: Node, b: Node): Node => apply(THEN, a, b);
/** The tuples that may meet an outcome. */
export const meeting = (outcomes: Node, met: Node): Node => apply(MEETS, outcomes, met);

/** How many sets are swept at once: looking for the next cut takes as many steps as there are sets. */
export const WIDE = 24;

/** The union of many sets, swept a few at a time, so that each number is walked a logarithmic number of times. */
export const anyOf = (sets: readonly Node[]): Node => {
  let round = sets;
  while (round.length > WIDE) {
    const next: Node[] = [];
    for (let i = 0; i < round.length; i += WIDE) next.push(few(round, i, i + WIDE));
    round = next;
  }
  return few(round, 0, WIDE);
};

const few = (sets: readonly Node[], from: number, to: number): Node => {
  const base = lastMember;
  for (let i = from; i < to && i < sets.length; i++) gather(sets[i] as Node, base);
  return unite(base);
};

/** Sets that are being swept, those of each depth of the recursion above those of the one before, and their next cuts. */
const MOST_MEMBERS = WIDE * 16;
const members = new Int32Array(MOST_MEMBERS);
const nextCuts = new Uint32Array(MOST_MEMBERS);
const endsOfCuts = new Uint32Array(MOST_MEMBERS);
/** What each has before its next cut, and where that is: Infinity behind the last. */
const kidsNow = new Int32Array(MOST_MEMBERS);
const cutsNow = new Float64Array(MOST_MEMBERS);
let lastMember = 0;

/** Puts a set to the others above `base`, unless it adds nothing. */
const gather = (set: Node, base: number): void => {
  if (set === NONE) return;
  for (let i = base; i < lastMember; i++) if (members[i] === set) return;
  members[lastMember++] = set;
};

/** The union of the sets gathered above `base`, which are given up. */
const unite = (base: number): Node => {
  const count = lastMember - base;
  const result =
    count > 2
      ? sweep(base)
      : or(count > 0 ? (members[base] as Node) : NONE, count > 1 ? (members[base + 1] as Node) : NONE);
  lastMember = base;
  return result;
};

const sweep = (first: number): Node => {
  const end = lastMember;
  const level = firstLevel(first, end);
  const base = top;
  let last = -1;
  for (let cut = 0; cut < Infinity; cut = passCut(first, end)) {
    for (let i = first; i < end; i++) gather(kidsNow[i] as Node, end);
    const kid = unite(end);
    if (kid !== last) push(cut, kid);
    last = kid;
  }
  return intern(level, base);
};

/** The first level that any of the members speaks of, on which all of them then stand at their first cuts. */
const firstLevel = (first: number, end: number): number => {
  let level = TERMINAL;
  for (let i = first; i < end; i++) level = Math.min(level, levels[members[i] as number] as number);
  for (let i = first; i < end; i++) {
    const set = members[i] as Node;
    const own = levels[set] === level; // a set of a lower level has no cuts on this one
    nextCuts[i] = own ? (starts[set] as number) : 0;
    endsOfCuts[i] = own ? (starts[set + 1] as number) : 0;
    kidsNow[i] = own ? (kids[(starts[set] as number) + set] as number) : set;
    cutsNow[i] = cutAfter(i);
  }
  return level;
};

const cutAfter = (member: number): number => {
  const next = nextCuts[member] as number;
  return next < (endsOfCuts[member] as number) ? (cuts[next] as number) : Infinity;
};

/** The lowest of the next cuts, which is passed. */
const passCut = (first: number, end: number): number => {
  let cut = Infinity;
  for (let i = first; i < end; i++) if ((cutsNow[i] as number) < cut) cut = cutsNow[i] as number;
  if (cut === Infinity) return cut;
  for (let i = first; i < end; i++)
    if (cutsNow[i] === cut) {
      const next = (nextCuts[i] as number) + 1;
      nextCuts[i] = next;
      kidsNow[i] = kids[next + (members[i] as number)] as number;
      cutsNow[i] = cutAfter(i);
    }
  return cut;
};

/** Outcomes of up to so many lists, one after the other: what goes on from each meets the next. */
export const onwardThrough = (lists: readonly Node[], from: number, to: number): Node => {
  const base = lastMember;
  for (let i = from; i < to; i++) if (!follow(lists[i] as Node, base)) break;
  return inTurn(base);
};

/** Puts outcomes behind the others above `base`; whether anything may go on from there. */
const follow = (outcomes: Node, base: number): boolean => {
  if (outcomes === NONE || (lastMember > base && members[lastMember - 1] === outcomes)) return true;
  members[lastMember++] = outcomes;
  return levels[outcomes] !== OUTCOME || goesOn(outcomes);
};

/** Rows that are remembered, each with how many members it has, these, and what they come to; a clash forgets the older. */
const ROW_BITS = 14;
const ROW = WIDE + 2;
const rows = new Int32Array(ROW << ROW_BITS);

/** The outcomes gathered above `base` one after the other, which are given up. */
const inTurn = (base: number): Node => {
  const count = lastMember - base;
  let result: Node;
  if (count < 3)
    result = onward(count > 0 ? (members[base] as Node) : NONE, count > 1 ? (members[base + 1] as Node) : NONE);
  else {
    const at = rowOf(base, count);
    if (isRow(at, base, count)) result = rows[at + 1] as Node;
    else {
      result = sweepInTurn(base);
      rows[at] = count;
      rows[at + 1] = result;
      for (let i = 0; i < count; i++) rows[at + 2 + i] = members[base + i] as number;
    }
  }
  lastMember = base;
  return result;
};

const rowOf = (base: number, count: number): number => {
  let hash = count;
  for (let i = 0; i < count; i++) hash = Math.imul(hash ^ (members[base + i] as number), 0x9e3779b1) ^ (hash >>> 15);
  return ((hash ^ (hash >>> 15)) >>> (32 - ROW_BITS)) * ROW;
};

const isRow = (at: number, base: number, count: number): boolean => {
  if (rows[at] !== count) return false;
  for (let i = 0; i < count; i++) if (rows[at + 2 + i] !== members[base + i]) return false;
  return true;
};

const sweepInTurn = (first: number): Node => {
  const end = lastMember;
  const level = firstLevel(first, end);
  if (level === OUTCOME) {
    let all = members[first] as Node;
    for (let i = first + 1; i < end; i++) all = onward(all, members[i] as Node);
    return all;
  }
  const base = top;
  let last = -1;
  for (let cut = 0; cut < Infinity; cut = passCut(first, end)) {
    for (let i = first; i < end; i++) if (!follow(kidsNow[i] as Node, end)) break;
    const kid = inTurn(end);
    if (kid !== last) push(cut, kid);
    last = kid;
  }
  return intern(level, base);
};

const projections = new Map<number, Map<Node, Node>>();
const MOST_PROJECTIONS = 1 << 16;

/** The tuples that are in the set for at least one value of the levels `from` to `to`; those levels become free. */
export const some = (of: Node, from: number, to: number): Node => {
  if ((deepest[of] as number) < from || (levels[of] as number) > to) return of;
  const key = from * TERMINAL + to;
  const seen = projections.get(key) ?? new Map<Node, Node>();
  if (seen.size > MOST_PROJECTIONS) seen.clear();
  projections.set(key, seen);
  const project = (node: Node): Node => {
    if ((deepest[node] as number) < from || (levels[node] as number) > to) return node;
    const known = seen.get(node);
    if (known !== undefined) return known;
    const result = (levels[node] as number) >= from ? anyOf(kidsOf(node).map(project)) : rebuild(node, project);
    seen.set(node, result);
    return result;
  };
  return project(of);
};

/** A set with other kids between the same cuts. */
const rebuild = (node: Node, change: (kid: Node) => Node): Node => {
  const base = top;
  const from = starts[node] as number;
  const length = (starts[node + 1] as number) - from;
  let last = -1;
  for (let i = 0; i <= length; i++) {
    const kid = change(kids[from + node + i] as Node);
    if (kid !== last) push(i === 0 ? 0 : (cuts[from + i - 1] as number), kid);
    last = kid;
  }
  return intern(levels[node] as number, base);
};

/** The level that a set speaks of first; that of nothing and everything lies behind all others. */
export const levelOf = (node: Node): number => levels[node] as number;

/** The cuts of a set on its own level, rising. */
export const cutsOf = (node: Node): readonly number[] =>
  node < 2 ? [] : [...cuts.subarray(starts[node], starts[node + 1])];

/** What holds between the cuts, one more than there are cuts. */
export const kidsOf = (node: Node): readonly Node[] =>
  node < 2
    ? []
    : ([...kids.subarray((starts[node] as number) + node, (starts[node + 1] as number) + node + 1)] as Node[]);

/** The places of a set's first cut, and behind its last. `cutAt` and `kidBefore` read between them without a copy. */
export const firstCut = (node: Node): number => starts[node] as number;
export const endOfCuts = (node: Node): number => starts[node + 1] as number;
export const cutAt = (place: number): number => cuts[place] as number;
/** The kid that ends at the cut of this place; at the end of the cuts it is the last kid. */
export const kidBefore = (node: Node, place: number): Node => kids[place + node] as Node;

/** The kid that holds for `value` on the set's own level. */
export const kidAt = (node: Node, value: number): Node => {
  let low = starts[node] as number;
  let high = starts[node + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return kids[low + node] as Node;
};

/** Whether the set holds the tuple, given as one number for each level. */
export const has = (of: Node, values: readonly number[]): boolean => {
  let node = of;
  while (node > ALL) node = kidAt(node, values[levels[node] as number] ?? 0);
  return node === ALL;
};
