import type { Evidence } from "#model/evidence.ts";
import type { Assumption, GapAnswer, HopAnswer, Nearly, Seen, WayAnswer } from "#model/answer.ts";
import type { Action, Gate } from "#model/gate.ts";
import { always } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import type { Way } from "#model/way.ts";
import { formatAddress } from "#packets/address.ts";
import type { Address } from "#packets/address.ts";
import { exactSources } from "#packets/internet.ts";
import { formatClientPorts, formatServices } from "#packets/text.ts";
import { formatService } from "#packets/service.ts";
import type { Service } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, begun, family, isEmpty, meets } from "#packets/set.ts";
import { NEIGHBOUR, closest } from "./closest.ts";
import type { Near } from "./closest.ts";
import type { Log, Touch } from "./decide.ts";
import { decide } from "./decide.ts";
import type { HopRuling, WayRuling } from "./walk.ts";
import { walk } from "./walk.ts";

/** The question that is explained. */
export interface Asked {
  readonly from: Address;
  readonly service: Service;
}

/** A way's ruling in words. Nothing is judged again: everything said here was touched by the reading that decided. */
export const explainWay = (ruling: WayRuling, asked: Asked): WayAnswer => {
  const { way, answer } = ruling;
  const ports = ruling.clientPorts === undefined ? {} : { clientPorts: formatClientPorts(ruling.clientPorts) };
  return {
    origin: way.origin,
    address: way.address ?? null,
    interface: way.interface,
    verdict: answer,
    ...ports,
    hops: ruling.hops.map((hop) => explainHop(hop, asked)),
  };
};

const explainHop = (hop: HopRuling, asked: Asked): HopAnswer => {
  const { at, direction, ruling, clientPorts } = hop;
  return {
    kind: at.kind,
    id: at.id,
    ...(at.name === undefined ? {} : { name: at.name }),
    direction,
    ruling,
    ...(clientPorts === undefined ? {} : { clientPorts: formatClientPorts(clientPorts) }),
    evidence: unique(hop.touched.flatMap(seen)),
    closest: ruling === "stops" ? nearTo(hop, asked).map((near) => nearly(near, standIn(hop, asked))) : [],
  };
};

/** What nearly lets it through is in the place that stops, or else anywhere in its hop. */
const nearTo = (hop: HopRuling, asked: Asked): readonly Near[] => {
  const own = closest(hop.gate, hop.asked, familyOf(hop, asked));
  return own.length > 0 || hop.within === hop.gate ? own : closest(hop.within, hop.asked, familyOf(hop, asked));
};

/** The question as a hop sees it, in words: who comes, of which family, and what is asked for. */
interface Arriving {
  readonly client: string;
  /** It is the client itself. */
  readonly isOwn: boolean;
  readonly family: 4 | 6;
  readonly service: string;
}

const familyOf = ({ sees, asked: stands }: HopRuling, { from }: Asked): 4 | 6 =>
  sees?.hides.includes("family") === true ? (meets(stands, family(4)) ? 4 : 6) : from.family;

/** Behind a rewrite another client stands there, or another service is asked for. */
const standIn = (hop: HopRuling, { from, service }: Asked): Arriving => {
  const hides = hop.sees?.hides ?? [];
  const clients = hides.includes("client") ? exactSources(hop.asked) : [];
  const [one] = clients;
  return {
    client:
      one === undefined
        ? `this client is ${formatAddress(from)}`
        : `what stands here for the client is ${one}${clients.length > 1 ? " …" : ""}`,
    isOwn: one === undefined,
    family: familyOf(hop, { from, service }),
    service: hides.includes("service") ? formatServices(hop.asked) : formatService(service),
  };
};

/** What one touched rule shows. A gate that was only entered shows nothing by itself. */
const seen = (touch: Touch): readonly Seen[] => {
  if (touch.by === "otherwise") return touch.because.map(fromEvidence);
  const { rule, surely } = touch;
  const doubts = isEmpty(surely) ? rule.match.gaps : [];
  if (typeof rule.action !== "string") return [];
  const said = doubts.map((gap): Seen => ({ saw: "gap", says: gap.says, ...readAt(gap.source) }));
  if (rule.match.gaps.some((gap) => gap.code === rule.name)) return said;
  const word = wordOf(rule.action);
  const may = doubts.length > 0 ? "may " : "";
  return [
    {
      saw: "rule",
      says: `${rule.name} ${may}${verb(word, may !== "")} ${rule.says}`,
      rule: rule.name,
      action: word,
      ...readAt(rule.source),
    },
    ...said,
  ];
};

/** Where something was read, if it was read anywhere. */
const readAt = (source: Source | undefined): { readonly source?: Source } =>
  source === undefined || source.file === "" ? {} : { source };

const wordOf = (action: Action): string => (typeof action === "string" ? action : "enter");

const verb = (word: string, bare: boolean): string => {
  const plain = word === "allow" ? "allow" : word === "leave" ? "leave" : "stop";
  return bare ? plain : `${plain}s`;
};

const fromEvidence = (evidence: Evidence): Seen => {
  switch (evidence.saw) {
    case "rule":
      return {
        saw: "rule",
        says: evidence.says,
        rule: evidence.rule,
        action: evidence.action,
        ...readAt(evidence.source),
      };
    case "state":
      return { saw: "state", says: evidence.says, ...readAt(evidence.source) };
    case "no-rule":
      return {
        saw: "no-rule",
        says: evidence.says,
        ...readAt(evidence.source),
      };
    case "gap":
      return {
        saw: "gap",
        says: evidence.says,
        ...readAt(evidence.gap.source),
      };
    case "nothing":
      return { saw: "nothing", says: evidence.says };
    case "assumed":
      return { saw: "assumed", says: evidence.says };
  }
};

const nearly = ({ rule, differs, sharedBits }: Near, asked: Arriving): Nearly => ({
  rule: rule.name,
  says: `${rule.name} allows ${rule.says}${difference(differs, sharedBits, asked)}`,
  differs,
  source: rule.source,
});

const difference = (
  differs: Near["differs"],
  sharedBits: number,
  { client, isOwn, family: of, service }: Arriving,
): string => {
  if (differs.includes("order")) return ", but another rule decides before it";
  const near = NEIGHBOUR[of];
  const isNeighbour = sharedBits >= near && differs.length === 1 && isOwn;
  const who = isNeighbour ? `${client}, in the same /${near}: did its address change?` : client;
  const what = `this question is ${service}`;
  const parts = [
    differs.includes("clientPort") ? "replies go to the client's own port, 1024-65535" : "",
    differs.includes("service") ? what : "",
    differs.includes("client") ? who : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `; ${parts.join("; ")}`;
};

/** Everything that is not known and touched a hop, once each, with the hops. */
export const gapsOf = (ways: readonly WayRuling[]): readonly GapAnswer[] => {
  const found = new Map<string, GapAnswer>();
  for (const { hops } of ways)
    for (const hop of hops.filter(({ ruling }) => ruling !== "passes"))
      for (const gap of hop.touched.flatMap(touchedGaps)) {
        const key = `${gap.code} ${gap.says}`;
        const known = found.get(key) ?? { ...gap, hops: [] };
        const here = known.hops.some(({ kind, id }) => kind === hop.at.kind && id === hop.at.id);
        found.set(key, here ? known : { ...known, hops: [...known.hops, { kind: hop.at.kind, id: hop.at.id }] });
      }
  return [...found.values()];
};

const touchedGaps = (touch: Touch): readonly GapAnswer[] => {
  const doubts = touch.by === "rule" && isEmpty(touch.surely) ? touch.rule.match.gaps : [];
  const gaps = touch.by === "rule" ? doubts : touch.because.flatMap((each) => (each.saw === "gap" ? [each.gap] : []));
  return gaps.map((gap) => ({ ...gap, hops: [] }));
};

/** What was taken to be absent because nobody asked for it. */
export const assumptionsOf = (ways: readonly WayRuling[]): readonly Assumption[] => {
  const found = new Map<string, Assumption>();
  for (const { hops } of ways)
    for (const { touched } of hops)
      for (const touch of touched)
        if (touch.by === "otherwise")
          for (const each of touch.because)
            if (each.saw === "assumed") found.set(each.says, { says: each.says, ask: each.ask });
  return [...found.values()];
};

/** The rules and states that let some of the packets pass a way, or leave it in doubt. */
export const deciding = (way: Way, asked: PacketSet): readonly Seen[] => {
  const { hops, answer } = walk(way, and(asked, begun));
  if (answer === "blocked") return [];
  return unique(hops.flatMap(({ touched }) => touched.filter(opens).flatMap(seen)));
};

/** The rules of a list that admit some of the packets. */
export const admitting = (gate: Gate, asked: PacketSet): readonly Seen[] => {
  const log: Log = [];
  decide(
    {
      at: LISTED,
      rules: [{ match: always, action: gate, name: "", says: "", source: { file: "", pointer: "" } }],
      otherwise: "leave",
      because: [],
    },
    asked,
    log,
  );
  return unique(
    log.flatMap(({ touched }) =>
      touched.filter((touch) => touch.by === "rule" && touch.rule.action === "allow").flatMap(seen),
    ),
  );
};
const LISTED = { kind: "security-group", id: "" } as const;

const opens = (touch: Touch): boolean =>
  touch.by === "rule" ? touch.rule.action === "allow" || isEmpty(touch.surely) : touch.word === "allow";

const unique = (all: readonly Seen[]): readonly Seen[] => [...new Map(all.map((each) => [each.says, each])).values()];
