/** Remembers what was made for some things in a row. Things are known again by identity, texts by what they say. */
export type Remember<V> = (row: readonly unknown[], make: () => V) => V;

/** Where a row that begins like this may go on. Most go on in one way only, and need no map for that. */
interface Step<V> {
  first: unknown;
  next: Step<V> | undefined;
  others: Map<unknown, Step<V>> | undefined;
  made: { readonly value: V } | undefined;
}

export const remembering = <V>(): Remember<V> => {
  const start = step<V>();
  return (row, make) => {
    let at = start;
    for (let i = 0; i < row.length; i++) at = onward(at, row[i]);
    at.made ??= { value: make() };
    return at.made.value;
  };
};

const step = <V>(): Step<V> => ({ first: undefined, next: undefined, others: undefined, made: undefined });

const onward = <V>(at: Step<V>, thing: unknown): Step<V> => {
  if (at.next === undefined) {
    at.first = thing;
    at.next = step();
    return at.next;
  }
  if (at.first === thing) return at.next;
  at.others ??= new Map();
  const known = at.others.get(thing);
  if (known !== undefined) return known;
  const made = step<V>();
  at.others.set(thing, made);
  return made;
};
