import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final } from "#model/gate.ts";
import { anyOf, service } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Passage } from "./balancer-way.ts";
import { onward } from "./balancer-way.ts";
import { doorGate, doubtfulWays } from "./door.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import type { Doors } from "./front-doors.ts";
import type { Judges } from "./judges.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import { crossesZones } from "./load-balancer.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { arrivals } from "./node-arrival.ts";
import { text } from "./raw.ts";
import type { Target } from "./target.ts";
import type { RegisteredTarget, TargetGroup } from "./target-group.ts";

/** One port on which a machine is sent what comes to a listener. */
export interface Sending {
  readonly balancer: LoadBalancer;
  readonly port: number;
  readonly protocols: readonly number[];
  readonly target: Pick<RegisteredTarget, "port" | "seen" | "doubt">;
  readonly group: TargetGroup | undefined;
  readonly seen: readonly Evidence[];
  readonly doubts: readonly Gap[];
  readonly gate: Final | undefined;
  readonly keeps: boolean | Gap;
}

/** One door for each node, as far as it sends to the target's zone. */
export const send = (judge: Judges, doors: Doors, sending: Sending, { on, address, isElsewhere }: Target): void => {
  const { facts } = judge;
  const { balancer, target, protocols, group } = sending;
  const { name, place, nodes } = balancer;
  const seen = [...balancer.seen, ...sending.seen, target.seen];
  const known = [...sending.doubts, ...[balancer.doubt, target.doubt].filter((each) => each !== undefined)];
  const doubtful = (why: Gap): void =>
    doors.add(on, (to, asked) => {
      const carries = anyOf(protocols.map((protocol) => service({ protocol, port: target.port })));
      const open = { origin: "load-balancer", place, why, carries } as const;
      return doubtfulWays(judge, to, open, asked).map((way) => ({ way }));
    });
  if (isElsewhere)
    return doubtful(
      gap("unmodelled", problems.notModelled(`${name} to ${address ?? on}, outside its VPC`), group?.fact.at),
    );
  if (nodes.length === 0 || address === undefined) {
    const what = address === undefined ? `the interfaces of ${on}` : `the network interfaces of ${name}`;
    return doubtful(gapFor(facts, "NetworkInterfaces", what, name, balancer.scope, balancer.fact.at));
  }
  const bare = balancer.subnets.find((subnet) => nodes.every((node) => node.subnet !== subnet));
  const isWhole = askedFor(facts, "NetworkInterfaces", balancer.scope) === "read";
  if (!isWhole || bare !== undefined) {
    const what = isWhole ? `the network interface of ${name} in ${bare}` : `all network interfaces of ${name}`;
    doubtful(gapFor(facts, "NetworkInterfaces", what, name, balancer.scope, balancer.fact.at));
  }
  const crosses = crossesZones(facts, balancer, group);
  const serving = (node: NetworkInterface): boolean | Gap => {
    const isSame = crosses === true || isSameZone(facts, node, facts.interfaces.get(on));
    if (isSame !== undefined) return isSame || crosses;
    return gapFor(facts, "Subnets", `the zones of ${node.id} and ${on}`, name, balancer.scope);
  };
  const able = nodes.filter((node) => serving(node) !== false);
  const isCut = able.length === 0;
  for (const node of isCut ? nodes.slice(0, 1) : able) {
    const serves = isCut || serving(node);
    const doubts = typeof serves === "object" ? [...known, serves] : known;
    const apart: readonly Evidence[] = isCut
      ? [{ saw: "nothing", says: `${name} has no node in the zone of ${on}, and does not send to other zones` }]
      : [];
    const told = doorGate([...seen, ...apart], doubts, balancer.failed || isCut);
    const gate: Final =
      sending.gate === undefined ? { at: place, ...told } : { at: place, every: [told, sending.gate] };
    doors.add(on, (to, asked, passed) =>
      protocols.flatMap((protocol) => {
        const by: Passage = { ...sending, node, protocol, target: { address, port: target.port }, gate };
        return arrivals(doors, by, asked, passed).flatMap((arrival) => onward(judge, arrival, by, to));
      }),
    );
  }
};

/** Whether both are in one zone: by its id, or by its name, which means the same within an account; undefined where that was not read. */
const isSameZone = (facts: Facts, node: NetworkInterface, to: NetworkInterface | undefined): boolean | undefined => {
  if (node.subnet !== undefined && node.subnet === to?.subnet) return true;
  const [here, there] = [node, to].map((of) => facts.things.Subnets.get(of?.subnet ?? "")?.raw);
  const same = (member: string): boolean | undefined => {
    const [a, b] = [text(here?.[member]), text(there?.[member])];
    return a === undefined || b === undefined ? undefined : a === b;
  };
  const isOneOwners = text(here?.["OwnerId"]) === text(there?.["OwnerId"]);
  return same("AvailabilityZoneId") ?? (isOneOwners ? same("AvailabilityZone") : undefined);
};
