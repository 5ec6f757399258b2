import type { Evidence } from "#model/evidence.ts";
import { gap } from "#model/gap.ts";
import { TCP } from "#packets/service.ts";
import { problems } from "#problems.ts";
import type { Doors } from "./front-doors.ts";
import type { Judges } from "./judges.ts";
import { HTTP } from "./listener.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import { classicTargets } from "./load-balancer.ts";
import type { Raw } from "./raw.ts";
import { items, number, raw, text } from "./raw.ts";
import type { Sending } from "./sending.ts";
import { send } from "./sending.ts";
import type { Targets } from "./target.ts";

/** A classic balancer sends to instances by their primary interface; how they are is an answer that is not read. */
export const classicDoors = (judge: Judges, doors: Doors, targets: Targets, balancer: LoadBalancer): void => {
  const { facts } = judge;
  const { name, fact } = balancer;
  const described = items(fact.raw["ListenerDescriptions"]).map((each, i) => ({ listener: raw(each["Listener"]), i }));
  for (const { listener, i } of described.toSorted((a, b) => portOn(a.listener) - portOn(b.listener))) {
    const [port, own] = [portOn(listener), number(listener["InstancePort"])];
    if (port < 0 || own === undefined) continue;
    const protocol = text(listener["Protocol"]) ?? "TCP";
    const isHttp = protocol.startsWith("HTTP");
    const at = { file: fact.at.file, pointer: `${fact.at.pointer}/ListenerDescriptions/${i}` };
    const says = `${name} listens for ${protocol} on port ${port}${isHttp ? HTTP : ""}`;
    for (const target of classicTargets(balancer)) {
      const sent = `it sends to ${target.id} port ${own}`;
      const sending: Sending = {
        balancer,
        port,
        protocols: [TCP],
        target: { port: own, seen: { saw: "state", says: sent, source: target.fact.at }, doubt: undefined },
        group: undefined,
        seen: [{ saw: "state", says, source: at }, ...(facts.how.strict ? [] : [inService(name, target.id)])],
        doubts: facts.how.strict
          ? [gap("unmodelled", problems.notRead(`how ${name} finds ${target.id}`, asks(name)))]
          : [],
        gate: undefined,
        keeps: false,
      };
      for (const each of targets.instance(target.id, 4)) send(judge, doors, sending, each);
    }
  }
};

const inService = (name: string, target: string): Evidence => ({
  saw: "assumed",
  says: `${name} finds ${target} in service`,
  ask: asks(name),
});

const asks = (name: string): string => `aws elb describe-instance-health --load-balancer-name ${name} --output json`;

const portOn = (listener: Raw): number => number(listener["LoadBalancerPort"]) ?? -1;
