import type { Cloud } from "#model/inventory.ts";

/** What each cloud calls what its machines belong to, and where they are. */
export const places = {
  aws: { account: "account", region: "Region" },
  gcp: { account: "project", region: "region" },
  azure: { account: "subscription", region: "location" },
} as const satisfies Record<Cloud, { readonly account: string; readonly region: string }>;

export const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;
