import type { Ask, Desk, Examination, Identity, Live, Permission, Scope, Trial, Visited } from "#model/provider.ts";

/** Reads everything asked, or a sample of it, and tells of each call that was answered. */
export type ReadAll<T> = (
  ask: Ask,
  desk: Desk,
  sample: boolean,
  answered: (call: string, scope: Scope) => void,
) => Promise<T>;

/** The way to a cloud, of which reading is all that differs from cloud to cloud. */
export const liveOf = <T>(
  permissions: readonly Permission[],
  readAll: ReadAll<T>,
  identitiesOf: (read: T) => readonly Identity[],
): Live => ({
  collect: async (ask, desk) => {
    await readAll(ask, desk, false, () => undefined);
  },
  examine: async (ask, desk): Promise<Examination> => {
    const trials: Trial[] = [];
    const visited: Visited[] = [];
    const watched: Desk = {
      ...desk,
      visited: (scope) => void visited.push(scope),
      refused: ({ call, scope, code, message }) =>
        void trials.push({ call, scope, outcome: "refused", why: `${code}: ${message}` }),
    };
    const read = await readAll(ask, watched, true, (call, scope) => {
      trials.push({ call, scope, outcome: "allowed", why: undefined });
    });
    return { identities: identitiesOf(read), visited, trials: [...trials, ...untried(permissions, trials)] };
  },
});

/** Calls that needed a thing to ask about, where there was none. */
const untried = (permissions: readonly Permission[], trials: readonly Trial[]): readonly Trial[] => {
  const tried = new Set(trials.map(({ call }) => call));
  const scope: Scope = { account: undefined, region: undefined };
  return [...new Set(permissions.map(({ call }) => call))]
    .filter((call) => !tried.has(call))
    .map((call) => ({ call, scope, outcome: "not tried", why: undefined }));
};
