import type { Named } from "./lists.ts";

/** The parts of the id of a thing: `/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…`. */
export interface Parts extends Named {
  readonly subscription: string;
  /** As it is compared: casings of ids vary from answer to answer. */
  readonly key: string;
}

const ID = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/[^/]+\/[^/]+\/([^/]+)/i;

/** The parts of an id; undefined where it is none. Of what lies within a thing, the thing is told. */
export const partsOf = (id: string | undefined): Parts | undefined => {
  const [whole, subscription, group, name] = ID.exec(id ?? "") ?? [];
  return whole === undefined || subscription === undefined || group === undefined || name === undefined
    ? undefined
    : { subscription: subscription.toLowerCase(), group, name, key: whole.toLowerCase() };
};
