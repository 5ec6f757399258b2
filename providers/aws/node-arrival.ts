import { gap } from "#model/gap.ts";
import type { Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, family, meets, service, some } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Passage } from "./balancer-way.ts";
import type { Arrival } from "./door.ts";
import type { Doors } from "./front-doors.ts";
import { doubted } from "./hop.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { text } from "./raw.ts";
import { NODE } from "./security-group.ts";

/** How clients come to a node's listener: from the internet, from inside, and through what stands before it. */
export const arrivals = (
  doors: Doors,
  by: Passage,
  asked: PacketSet | undefined,
  passed: readonly string[],
): readonly Arrival[] => {
  const { node, protocol, port } = by;
  if (passed.includes(node.id)) return [];
  const at: NetworkInterface = { ...node, type: NODE };
  const path = [...passed, node.id];
  const direct = doors.once(`${node.id} ${by.balancer.id}`, () => fromInternet(doors, by.balancer, at));
  if (asked === undefined) return [...direct, ...doors.before(at, undefined, path)];
  const dialled = and(some(asked, "service"), service({ protocol, port }));
  const inside = doors.inside(dialled, at).map((way): Arrival => ({ way: { ...way, isInside: true } }));
  return [...direct, ...inside, ...doors.before(at, dialled, path)];
};

const fromInternet = (doors: Doors, balancer: LoadBalancer, at: NetworkInterface): readonly Arrival[] => {
  if (balancer.isInternal && !balancer.takesGateway6) return [];
  const open = doors.internet.open(at);
  const has4 = balancer.isInternal || open.some((way) => meets(way.carries, family(4)));
  const ways =
    has4 || text(balancer.fact.raw["IpAddressType"]) === ONLY_6 ? open : [...open, ...unaddressed(doors, balancer, at)];
  return ways.map(replying(balancer)).map((way) => ({ way }));
};

const ONLY_6 = "dualstack-without-public-ipv4";

/** A balancer that faces the internet has public addresses, whatever its interfaces say. */
const unaddressed = (doors: Doors, { name }: LoadBalancer, at: NetworkInterface): readonly Way[] => {
  const why = gap("unreadable", problems.facesNobody(name, at.id), at.at);
  return doors.internet
    .all(at, false)
    .filter((way) => meets(way.carries, family(4)))
    .map((way) => ({
      ...way,
      request: way.request.map((hop) =>
        hop.gate.at?.kind === "public-address" ? { ...hop, gate: doubted(hop.gate, why) } : hop,
      ),
    }));
};

/** Whether a balancer's replies need a route of its subnet is not documented, so one that is missing is a doubt. */
const replying =
  ({ name }: LoadBalancer) =>
  (way: Way): Way => {
    const why = gap("unverified", problems.notDocumented(`Whether replies of ${name} need a route of its own subnet`));
    return {
      ...way,
      reply: way.reply.map((hop) => (hop.gate.at?.kind === "route" ? { ...hop, gate: doubted(hop.gate, why) } : hop)),
    };
  };
