/** Time, as whoever calls gives it. */
export interface Clock {
  /** Milliseconds since some moment that does not change. */
  readonly now: () => number;
  /** Waits; ends early, by throwing, when the signal says so. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** The date and time of the world, by which credentials run out. */
  readonly today: () => Date;
}

/** What a cloud lets one API do: so many calls at once, and then so many a second (aws.md C.2). */
export interface Bucket {
  /** All calls whose buckets have this name, and who are charged to the same account, draw from one. */
  readonly name?: string;
  readonly capacity: number;
  readonly refill: number;
}

/** Hands out turns to call, so that no bucket is ever emptied by us alone. */
export interface Pace {
  /** Does one call when its bucket and the number of calls on their way allow it; first come, first served. */
  turn<T>(name: string, bucket: Bucket, call: () => Promise<T>): Promise<T>;
  /** The cloud said that the bucket is empty: somebody else draws from it too. */
  empty(name: string): void;
}

/** What of each bucket is taken. The rest is for others, and for clocks that do not agree. */
const SHARE = 0.9;

interface Level {
  tokens: number;
  at: number;
  /** Whoever came before, in the order of coming. */
  last: Promise<unknown>;
}

export const pace = (share: 1 | 0.5, most: number, clock: Clock, signal: AbortSignal): Pace => {
  const levels = new Map<string, Level>();
  const places = slots(Math.max(1, Math.floor(most * share)));
  const part = SHARE * share;

  const levelOf = (name: string, { capacity }: Bucket): Level => {
    const known = levels.get(name) ?? { tokens: capacity * part, at: clock.now(), last: Promise.resolve() };
    levels.set(name, known);
    return known;
  };

  /** Takes a token, or tells how long it takes until there is one. */
  const take = (level: Level, { capacity, refill }: Bucket): number => {
    const now = clock.now();
    level.tokens = Math.min(capacity * part, level.tokens + ((now - level.at) / 1000) * refill * part);
    level.at = now;
    if (level.tokens < 1) return ((1 - level.tokens) / (refill * part)) * 1000;
    level.tokens--;
    return 0;
  };

  /** A token and a place. The token is taken last, so that calls leave at the pace at which tokens come. */
  const granted = async (level: Level, bucket: Bucket): Promise<void> => {
    for (;;) {
      await places.enter();
      const wait = take(level, bucket);
      if (wait === 0) return;
      places.leave();
      await clock.sleep(Math.ceil(wait), signal);
    }
  };

  return {
    turn: async (name, bucket, call) => {
      const level = levelOf(name, bucket);
      const mine = level.last.then(() => granted(level, bucket));
      level.last = mine.catch(() => undefined);
      await mine;
      try {
        return await call();
      } finally {
        places.leave();
      }
    },
    empty: (name) => {
      const level = levels.get(name);
      if (level !== undefined) level.tokens = Math.min(level.tokens, 0);
    },
  };
};

/** So many may be inside at once; who comes later waits in line. */
const slots = (most: number): { readonly enter: () => Promise<void>; readonly leave: () => void } => {
  let free = most;
  const line: (() => void)[] = [];
  return {
    enter: () => {
      if (free === 0) return new Promise((resolve) => void line.push(resolve));
      free--;
      return Promise.resolve();
    },
    leave: () => {
      const next = line.shift();
      if (next === undefined) free++;
      else next();
    },
  };
};
