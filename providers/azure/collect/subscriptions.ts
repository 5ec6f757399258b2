import type { Ask, Refusal } from "#model/provider.ts";
import { text } from "#model/raw.ts";
import { Trouble, problems } from "#problems.ts";
import type { Body } from "#reading/list.ts";
import type { Means } from "#reading/read.ts";
import { readList } from "#reading/read.ts";
import type { Access } from "./access.ts";
import type { Lists } from "./lists.ts";
import { thingsIn } from "./page.ts";

/** A subscription that is meant. */
export interface Subscription {
  readonly id: string;
  readonly name: string | undefined;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The subscriptions that were named, by id or by name, or all that the credentials see. An id that they do not see is
 * asked all the same: what the cloud says to it is told.
 */
export const findSubscriptions = async (
  { subscriptions: asked }: Ask,
  means: Means,
  lists: Lists,
  { renew }: Access,
): Promise<readonly Subscription[]> => {
  const named = [...new Set(asked.map((each) => each.trim()))];
  const refusals: Refusal[] = [];
  const seen: Subscription[] = [];
  // What only finds out what there is, is nobody's answer, and is not kept.
  const aside: Means = {
    ...means,
    sample: false,
    desk: {
      ...means.desk,
      page: () => undefined,
      forget: () => undefined,
      refused: (refusal) => void refusals.push(refusal),
    },
  };
  const place = {
    cloud: "azure",
    scope: { account: undefined, region: undefined },
    folder: "azure",
    charged: "tenant",
    renew,
  } as const;
  await readList(aside, place, lists.subscriptions, ({ body }) => {
    for (const each of thingsIn(body())) seen.push(...subscriptionIn(each));
  });
  means.desk.signal.throwIfAborted();
  const why = refusals.map(({ message }) => message).join(" ");

  if (named.length === 0) {
    if (seen.length === 0) throw new Trouble(problems.noSubscription(why === "" ? "The credentials see none." : why));
    refusals.forEach(means.desk.refused);
    return seen;
  }
  const found = named.flatMap((name): readonly Subscription[] => {
    const wanted = name.toLowerCase();
    const its = seen.filter((each) => each.id === wanted || each.name?.toLowerCase() === wanted);
    if (its.length > 0) return its;
    if (GUID.test(name)) return [{ id: wanted, name: undefined }];
    throw new Trouble(
      problems.noSubscription(
        why === ""
          ? `None that the credentials see is called "${name}".`
          : `Which one is called "${name}" is not known: ${why}`,
      ),
    );
  });
  refusals.forEach(means.desk.refused);
  return [...new Map(found.map((each) => [each.id, each])).values()];
};

const subscriptionIn = (thing: Body): readonly Subscription[] => {
  const id = text(thing["subscriptionId"])?.toLowerCase();
  const isGone = text(thing["state"])?.toLowerCase() === "deleted";
  return id === undefined || !GUID.test(id) || isGone ? [] : [{ id, name: text(thing["displayName"]) }];
};
