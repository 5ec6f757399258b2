import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Origin } from "#model/way.ts";
import { parsePrefix } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, clients } from "#packets/set.ts";
import { problems } from "#problems.ts";

const under = (...texts: readonly string[]): PacketSet =>
  anyOf(
    texts.map((text) => {
      const prefix = parsePrefix(text);
      if (prefix === undefined) throw new RangeError(`${text} is no CIDR`);
      return clients(prefix);
    }),
  );

/** RFC 4193: IPv6 addresses that networks use among themselves. */
export const uniqueLocal = under("fc00::/7");

/** Identity-Aware Proxy, which lets in whom it knows (gcp.md A6). */
const IAP = under("35.235.240.0/20", "2600:2d00:1:7::/64");

/** Proxies of load balancers, and health checks. */
const PROXIES = under("35.191.0.0/16", "130.211.0.0/22");

interface Proxied {
  readonly origin: Origin;
  readonly carries: PacketSet;
  /** What has to be known besides. */
  readonly request: readonly Gap[];
}

/**
 * Google's own senders dial the internal address, by paths of their own and whatever the routes say; nobody on the
 * internet has their addresses.
 */
export const google: {
  readonly all: PacketSet;
  readonly iap: PacketSet;
  readonly proxies: PacketSet;
  readonly legs: readonly Proxied[];
} = {
  all: anyOf([IAP, PROXIES]),
  iap: IAP,
  proxies: PROXIES,
  legs: [
    { origin: "iap", carries: IAP, request: [] },
    {
      origin: "load-balancer",
      carries: PROXIES,
      request: [gap("unmodelled", problems.notModelled("a load balancer or a health check of Google"))],
    },
  ],
};
