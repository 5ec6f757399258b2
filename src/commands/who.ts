import type { WhoAnswer } from "#model/answer.ts";
import { exactSources, exampleSources, internetShare, internetSources } from "#packets/internet.ts";
import type { Service } from "#packets/service.ts";
import { ICMP, ICMPV6 } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, family, or, service } from "#packets/set.ts";
import { whoText } from "#reports/who.ts";
import { assumptionsOf, gapsOf } from "#resolve/explain.ts";
import type { Sources } from "#resolve/verdict.ts";
import { reach, sources, undecided } from "#resolve/verdict.ts";
import { walk } from "#resolve/walk.ts";
import { allGaps, readFacts, theMachine } from "./facts.ts";
import { readService, serviceWords } from "./question.ts";
import type { Run, Words } from "./verb.ts";
import { exits } from "./verb.ts";

const isOutside = ({ way: { origin, isInside } }: Sources): boolean =>
  isInside !== true && (origin === "internet" || origin === "load-balancer" || origin === "accelerator");

/** A ping is another message in each family. */
const servicesAsked = (words: Words): { readonly set: ReturnType<typeof service>; readonly first: Service } => {
  const first = readService(words, 4);
  if (first.protocol !== ICMP) return { set: service(first), first };
  const second = readService(words, 6);
  const of6 = second.protocol === ICMPV6 ? service(second) : service(first);
  return { set: or(and(family(4), service(first)), and(family(6), of6)), first };
};

/** The sources of one way in; from inside, clients of different subnets and groups come the same way. */
const wayAnswer = (those: readonly Sources[]): readonly WhoAnswer["ways"][number][] => {
  const [first] = those;
  if (first === undefined) return [];
  const { way } = first;
  const carried = anyOf(those.map((each) => each.way.carries));
  const write = (set: PacketSet): readonly string[] =>
    isOutside(first) ? internetSources(set, carried) : exactSources(set);
  const all = reach(those);
  const sources = { reachable: write(all.surely), unknown: write(undecided(all)) };
  return [{ origin: way.origin, address: way.address ?? null, interface: way.interface, sources }];
};

/** Which sources reach this machine on this port: the exact set. */
export const run: Run = async (words, world) => {
  const { set, first } = servicesAsked(words);
  const read = await readFacts(words, world);
  const { inventory } = read;
  const machine = theMachine(inventory, words.subject);
  const found = machine.interfaces.flatMap((each) => sources(inventory, each, set));
  const outside = reach(found.filter(isOutside));
  const inside = reach(found.filter((each) => !isOutside(each)));
  const anywhere = reach(found);
  // An IPv6 client in the machine's own network has a routable address and comes from inside.
  const carried = anyOf(found.filter(isOutside).map(({ way }) => way.carries));
  const walked = found.map(({ way }) => walk(way, set));
  const answer: WhoAnswer = {
    target: machine.resource.id,
    name: machine.resource.name,
    ...serviceWords(first),
    sources: {
      reachable: internetSources(anywhere.surely, carried),
      unknown: internetSources(undecided(anywhere), carried),
      private: exactSources(inside.surely),
      examples: exampleSources(outside.surely),
    },
    internet: { ipv4: internetShare(outside.surely, 4, carried), ipv6: internetShare(outside.surely, 6, carried) },
    ways: [
      ...Map.groupBy(
        found,
        (each) => `${each.way.origin} ${each.way.interface} ${each.way.address ?? ""} ${isOutside(each)}`,
      ).values(),
    ].flatMap(wayAnswer),
    gaps: allGaps(read, gapsOf(walked)),
    assumptions: assumptionsOf(walked),
  };
  world.print(words.options["json"] === true ? `${JSON.stringify(answer, null, 2)}\n` : whoText(answer, world.look));
  return exits.reachable;
};
