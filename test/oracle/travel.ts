import type { Hop, Way } from "#model/way.ts";
import { toInteger } from "#packets/address.ts";
import { placeOf } from "#packets/service.ts";
import type { Dimension, Packet, PacketSet } from "#packets/set.ts";
import { has } from "#packets/set.ts";
import type { Word } from "#resolve/decide.ts";
import type { Symptom } from "#resolve/walk.ts";
import { wordsFor } from "./read.ts";
import type { Edges } from "./told.ts";
import { packetAt } from "./told.ts";

/**
 * All that a client may notice who sends one packet on a way, from one port: hop after hop, every word of every packet
 * that may stand there instead of its own. Nothing at all is noticed where nothing can stand instead.
 */
export const outcomes = (way: Way, packet: Packet, cases: Edges): ReadonlySet<Symptom> => {
  const noticed = new Set<Symptom>();
  for (const [hops, isReply] of [
    [way.request, false],
    [way.reply, true],
  ] as const)
    for (const hop of hops) {
      const words = new Set<Word>(facing(hop, packet, cases).flatMap((each) => [...wordsFor(hop.gate, each)]));
      for (const word of words) if (word !== "allow" && word !== "leave") noticed.add(isReply ? "timeout" : word);
      if (!words.has("allow")) return noticed;
    }
  return noticed.add("connects");
};

/** The packets that a hop may see when this one comes by, one for every case there is, by one sight or the other. */
export const facing = ({ sees }: Hop, packet: Packet, cases: Edges): readonly Packet[] => {
  if (sees === undefined) return [packet];
  return [sees, ...(sees.or === undefined ? [] : [sees.or])].flatMap(({ hides, instead }) =>
    hides
      .reduce<readonly Packet[]>((found, hidden) => found.flatMap((each) => variants(each, hidden, cases)), [packet])
      .filter((each) => has(instead, each)),
  );
};

/** The packet with every other value in one dimension. */
export const variants = (packet: Packet, dimension: Dimension, cases: Edges): readonly Packet[] => {
  const of = packet.client.family;
  const [from, to, place] = [toInteger(packet.client), toInteger(packet.machine), placeOf(packet.service)];
  switch (dimension) {
    case "family": // the addresses are hidden with it, and take their values after it
      return ([4, 6] as const).map((value) => packetAt(value, 0n, 0n, place, packet.clientPort));
    case "client":
      return [...cases.client[of]].map((value) => packetAt(of, value, to, place, packet.clientPort));
    case "machine":
      return [...cases.machine[of]].map((value) => packetAt(of, from, value, place, packet.clientPort));
    case "service":
      return [...cases.place].map((value) => packetAt(of, from, to, value, packet.clientPort));
    case "clientPort":
      return [...cases.clientPort].map((value) => packetAt(of, from, to, place, value));
  }
};

/** What may be noticed from each of the client's ports from which the conversation can begin at all. */
export const journeys = (way: Way, begins: PacketSet, packet: Packet, cases: Edges): readonly ReadonlySet<Symptom>[] =>
  variants(packet, "clientPort", cases)
    .filter((each) => has(begins, each) && has(way.carries, each))
    .map((each) => outcomes(way, each, cases));
