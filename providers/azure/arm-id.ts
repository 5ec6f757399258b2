/**
 * ARM ids are called as they were first read, and compared without regard to case: the same id comes back in several
 * casings.
 */
export const keyOf = (id: string | undefined): string => id?.toLowerCase() ?? "";

/** The thing's own name: the last step. */
export const nameOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

const SUBSCRIPTION = /^\/subscriptions\/([^/]+)/i;
const GROUP = /\/resourcegroups\/([^/]+)/i;

/** The subscription, in lower case. */
export const subscriptionOf = (id: string): string | undefined => SUBSCRIPTION.exec(id)?.[1]?.toLowerCase();

/** The resource group, as it is written in the id. */
export const groupOf = (id: string): string | undefined => GROUP.exec(id)?.[1];

/** What kind of thing the id names, in lower case: `microsoft.network/virtualnetworks/subnets`. */
export const typeOf = (id: string): string | undefined => {
  const lower = id.toLowerCase();
  const at = lower.lastIndexOf(PROVIDERS);
  if (at === -1) return undefined;
  const [namespace, kind, _name, ...steps] = lower.slice(at + PROVIDERS.length).split("/");
  if (namespace === undefined || kind === undefined) return undefined;
  return steps.length === 0
    ? `${namespace}/${kind}`
    : [namespace, kind, ...steps.filter((_, i) => i % 2 === 0)].join("/");
};

const PROVIDERS = "/providers/";

/** The thing that another is a part of: the VNet of a subnet. */
export const ownerOf = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf("/", id.lastIndexOf("/") - 1)));

/** Whether a text may be an ARM id. */
export const isArmId = (text: string): boolean => /^\/subscriptions\/[^/]+\//i.test(text);

/** A subscription's id, and what stands for one in a folder's name. */
export const isGuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
