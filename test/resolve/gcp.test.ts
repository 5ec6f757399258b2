import { describe, expect, test } from "@jest/globals";
import type { Inventory } from "#model/inventory.ts";
import { parseAddress } from "#packets/address.ts";
import { TCP } from "#packets/service.ts";
import { and, client, service } from "#packets/set.ts";
import { gcp } from "#providers/gcp/index.ts";
import { verdict } from "#resolve/verdict.ts";
import { random } from "../bench/random.ts";

/** A slow and obvious reader of firewalls, which shares no line with the program (gcp.md A1, A2). */
interface Rule {
  readonly priority: number;
  readonly action: "allow" | "deny" | "goto_next";
  readonly range: readonly [first: number, last: number];
  readonly ports: readonly [first: number, last: number];
  readonly disabled: boolean;
  readonly tag: string | undefined;
}

interface World {
  readonly order: "AFTER_CLASSIC_FIREWALL" | "BEFORE_CLASSIC_FIREWALL";
  readonly hierarchical: readonly Rule[];
  readonly vpc: readonly Rule[];
  readonly global: readonly Rule[];
  readonly regional: readonly Rule[];
}

interface Question {
  readonly from: number;
  readonly port: number;
}

const matches = ({ range, ports, disabled, tag }: Rule, { from, port }: Question): boolean =>
  !disabled &&
  (tag === undefined || tag === "web") &&
  from >= range[0] &&
  from <= range[1] &&
  port >= ports[0] &&
  port <= ports[1];

const policy = (rules: readonly Rule[], asked: Question): "allow" | "deny" | undefined => {
  const first = rules.filter((rule) => matches(rule, asked)).toSorted((a, b) => a.priority - b.priority)[0];
  return first === undefined || first.action === "goto_next" ? undefined : first.action;
};

const classic = (rules: readonly Rule[], asked: Question): "allow" | "deny" | undefined => {
  const those = rules.filter((rule) => matches(rule, asked));
  const best = Math.min(...those.map(({ priority }) => priority));
  const equals = those.filter(({ priority }) => priority === best);
  if (equals.length === 0) return undefined;
  return equals.some(({ action }) => action === "deny") ? "deny" : "allow";
};

const reads = ({ order, hierarchical, vpc, global, regional }: World, asked: Question): boolean => {
  const network = policy(global, asked) ?? policy(regional, asked);
  const word = order === "AFTER_CLASSIC_FIREWALL" ? (classic(vpc, asked) ?? network) : (network ?? classic(vpc, asked));
  return (policy(hierarchical, asked) ?? word ?? "deny") === "allow";
};

const PROJECT = "https://www.googleapis.com/compute/v1/projects/shop-prod";
const NETWORK = `${PROJECT}/global/networks/shop`;

const dotted = (from: number): string => `9.9.${from}.1`;
/** Ranges of 9.9.x.0/24, which is all that questions come from. */
const cidrs = ([first, last]: Rule["range"]): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `9.9.${first + i}.0/24`);

const written = (rule: Rule, i: number): Readonly<Record<string, unknown>> => ({
  kind: "compute#firewall",
  name: `rule-${i}`,
  selfLink: `${PROJECT}/global/firewalls/rule-${i}`,
  network: NETWORK,
  priority: rule.priority,
  disabled: rule.disabled,
  direction: "INGRESS",
  sourceRanges: cidrs(rule.range),
  [rule.action === "allow" ? "allowed" : "denied"]: [{ IPProtocol: "6", ports: [rule.ports.join("-")] }],
  ...(rule.tag === undefined ? {} : { targetTags: [rule.tag] }),
});

const told = (name: string, type: string, rules: readonly Rule[]): Readonly<Record<string, unknown>> => ({
  name,
  type,
  rules: rules.map((rule) => ({
    priority: rule.priority,
    action: rule.action,
    direction: "INGRESS",
    disabled: rule.disabled,
    match: { srcIpRanges: cidrs(rule.range), layer4Configs: [{ ipProtocol: "tcp", ports: [rule.ports.join("-")] }] },
  })),
});

const inventory = (world: World): Inventory => {
  const reader = gcp.reader({ strict: false });
  const documents: readonly (readonly [string, unknown])[] = [
    [
      "instances.json",
      [
        {
          kind: "compute#instance",
          name: "web-1",
          selfLink: `${PROJECT}/zones/europe-west1-b/instances/web-1`,
          status: "RUNNING",
          tags: { items: ["web"] },
          networkInterfaces: [
            { name: "nic0", network: NETWORK, networkIP: "10.0.0.2", accessConfigs: [{ natIP: "198.51.100.7" }] },
          ],
        },
      ],
    ],
    [
      "networks.json",
      [
        {
          kind: "compute#network",
          name: "shop",
          selfLink: NETWORK,
          networkFirewallPolicyEnforcementOrder: world.order,
        },
      ],
    ],
    [
      "firewalls.json",
      { kind: "compute#firewallList", id: "projects/shop-prod/global/firewalls", items: world.vpc.map(written) },
    ],
    [
      "routes.json",
      [
        {
          kind: "compute#route",
          name: "default",
          selfLink: `${PROJECT}/global/routes/default`,
          network: NETWORK,
          destRange: "0.0.0.0/0",
          nextHopGateway: `${PROJECT}/global/gateways/default-internet-gateway`,
        },
      ],
    ],
    [
      "europe-west1/effective-firewalls-shop.json",
      {
        firewalls: world.vpc.map(written).filter(({ disabled }) => disabled !== true),
        firewallPolicys: [
          told("1", "HIERARCHY", world.hierarchical),
          told("global", "NETWORK", world.global),
          told("regional", "NETWORK_REGIONAL", world.regional),
        ],
      },
    ],
  ];
  for (const [file, json] of documents)
    for (const answer of gcp.recognise(json, { file, pointer: "" }) ?? []) reader.add(answer);
  return reader.inventory();
};

describe.each([1, 2, 3, 4])("firewalls of GCP, written at random (seed %i)", (seed) => {
  const numbers = random(seed, "firewalls");
  const below = (end: number): number => numbers.int(0, end - 1);
  const span = (end: number): readonly [number, number] => {
    const [a, b] = [below(end), below(end)];
    return a < b ? [a, b] : [b, a];
  };
  const rules = (count: number, actions: readonly Rule["action"][], unique: boolean): readonly Rule[] =>
    Array.from({ length: below(count) }, (_, i) => ({
      priority: unique ? (i * 7 + 3) % 11 : below(4),
      action: actions[below(actions.length)] ?? "deny",
      range: span(4),
      ports: span(6),
      disabled: below(6) === 0,
      tag: !unique && below(3) === 0 ? (below(2) === 0 ? "web" : "db") : undefined,
    }));
  const worlds = Array.from(
    { length: 60 },
    (): World => ({
      order: below(2) === 0 ? "AFTER_CLASSIC_FIREWALL" : "BEFORE_CLASSIC_FIREWALL",
      hierarchical: rules(4, ["allow", "deny", "goto_next"], true),
      vpc: rules(6, ["allow", "deny"], false),
      global: rules(5, ["allow", "deny", "goto_next"], true),
      regional: rules(5, ["allow", "deny", "goto_next"], true),
    }),
  );

  test("let through what a slow reader of them lets through, and nothing else", () => {
    const odd = worlds.flatMap((world) => {
      const facts = inventory(world);
      const [machine] = facts.machines;
      if (machine === undefined) throw new Error("there is no machine");
      return [0, 1, 2, 3].flatMap((from) =>
        [0, 2, 5].flatMap((port) => {
          const address = parseAddress(dotted(from));
          if (address === undefined) throw new Error(dotted(from));
          const { answer } = verdict(facts, machine, and(client(address), service({ protocol: TCP, port })));
          return answer === (reads(world, { from, port }) ? "reachable" : "blocked")
            ? []
            : [{ world, from, port, answer }];
        }),
      );
    });
    expect(odd).toEqual([]);
  });
});
