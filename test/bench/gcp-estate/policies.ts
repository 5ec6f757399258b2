/** Firewall policies: hierarchical ones, and those of networks, with all their ways of handing packets on. */
import { publicBlock4 } from "../estate/text.ts";
import { at, type Random, random } from "../random.ts";
import { fingerprint, moment } from "./machines.ts";
import { folders, idOf, link, organization, type Network, type Plan, type Project, regions } from "./plan.ts";
import { areWide, rangesOf, servicesOf, several } from "./rules.ts";

/** A policy and where it is in force, in the order in which the policies of a network are read. */
export interface Policy {
  readonly type: "HIERARCHY" | "NETWORK" | "NETWORK_REGIONAL";
  readonly path: string;
  readonly name: string;
  readonly shortName: string | undefined;
  readonly rules: readonly object[];
  readonly associations: readonly { readonly name: string; readonly attachmentTarget: string }[];
}

export const policiesOf = (outline: Plan): readonly Policy[] => [
  hierarchical(outline, 0, organization, "org-base"),
  ...folders.map((folder, k) => hierarchical(outline, k + 1, folder, `folder-${k}`)),
  ...outline.projects.flatMap((project) => networkPolicies(outline, project)),
];

/** The policies that are in force in a network and a region, as an effective answer tells them. */
export const policiesFor = (
  all: readonly Policy[],
  { folder }: Project,
  { path }: Network,
  region: string,
): readonly Policy[] =>
  [organization, folder, link(path)].flatMap((target) =>
    all.filter(
      (policy) =>
        policy.associations.some(({ attachmentTarget }) => attachmentTarget === target) &&
        (policy.type !== "NETWORK_REGIONAL" || policy.path.includes(`/regions/${region}/`)),
    ),
  );

const hierarchical = (outline: Plan, index: number, node: string, shortName: string): Policy => {
  const r = random(outline.seed, "gcp hierarchical policy", index);
  const name = idOf("policy", index).slice(0, 12);
  const [first] = outline.networks;
  const accounts = outline.networks.flatMap((network) => network.accounts);
  return {
    type: "HIERARCHY",
    path: `locations/global/firewallPolicies/${name}`,
    name,
    shortName,
    rules: [
      ...written(r, index === 0 ? 8 : 14, { accounts, networks: outline.networks.map(({ path }) => link(path)) }),
      // Partners are left to the networks; nobody else comes near these ports.
      rule(r, 5000, "goto_next", {
        srcIpRanges: several(r, 8, () => publicBlock4(r)),
        layer4Configs: [{ ipProtocol: "all" }],
      }),
      rule(r, 5001, "deny", {
        srcIpRanges: ["0.0.0.0/0"],
        layer4Configs: [{ ipProtocol: "tcp", ports: index === 1 ? ["22", "3389"] : ["23", "445"] }],
        ...(index === 0 ? { srcNetworkContext: "INTERNET" } : {}),
      }),
      ...(index === 2
        ? [
            rule(
              r,
              6000,
              "deny",
              { srcRegionCodes: ["XX"], layer4Configs: [{ ipProtocol: "tcp", ports: ["5432"] }] },
              { targetResources: [link(first?.path ?? "")] },
            ),
          ]
        : []),
      ...defaults(r),
    ],
    associations: [{ name: node, attachmentTarget: node }],
  };
};

const networkPolicies = (outline: Plan, project: Project): readonly Policy[] => {
  const make = (
    index: number,
    count: number,
    type: Policy["type"],
    where: string,
    networks: readonly Network[],
  ): Policy => {
    const r = random(outline.seed, `gcp policy ${type}`, index);
    const name = `policy-${index}`;
    const accounts = project.networks.flatMap((network) => network.accounts);
    const secure = { targetSecureTags: [{ name: "tagValues/281481234567890", state: "EFFECTIVE" }] };
    return {
      type,
      path: `projects/${project.name}/${where}/firewallPolicies/${name}`,
      name,
      shortName: undefined,
      rules: [
        ...written(r, count, { accounts, networks: undefined }),
        rule(r, 7000, "goto_next", { srcIpRanges: rangesOf(r, 0.2), layer4Configs: [{ ipProtocol: "tcp" }] }),
        rule(r, 7001, type === "NETWORK" ? "deny" : "allow", {
          srcIpRanges: ["0.0.0.0/1"],
          layer4Configs: [{ ipProtocol: "tcp", ports: ["8080-8090"] }],
        }),
        rule(
          r,
          7002,
          "allow",
          { srcIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp", ports: ["8443"] }] },
          secure,
        ),
        rule(r, 7003, "deny", {
          srcThreatIntelligences: ["iplist-known-malicious-ips"],
          layer4Configs: [{ ipProtocol: "udp", ports: ["161"] }],
        }),
        ...defaults(r),
      ],
      associations: networks.map(({ name: network, path }) => ({
        name: `at-${network}`,
        attachmentTarget: link(path),
      })),
    };
  };
  const [first, second] = project.networks;
  return [
    make(3 * project.index, 40, "NETWORK", "global", project.networks),
    ...(first === undefined
      ? []
      : [make(3 * project.index + 1, 12, "NETWORK_REGIONAL", `regions/${at(regions, 0)}`, [first])]),
    ...(second === undefined
      ? []
      : [make(3 * project.index + 2, 12, "NETWORK_REGIONAL", `regions/${at(regions, 1)}`, [second])]),
  ];
};

interface Around {
  readonly accounts: readonly string[];
  /** Networks that a rule may be limited to. */
  readonly networks: readonly string[] | undefined;
}

const written = (r: Random, count: number, { accounts, networks }: Around): readonly object[] =>
  Array.from({ length: count }, (_, k) => {
    const ranges = rangesOf(r, 0.15);
    const isV6 = ranges.some((range) => range.includes(":"));
    const isNamed = r.chance(0.04);
    const isWide = isNamed || areWide(ranges);
    const action = r.pick([
      "allow",
      "allow",
      "deny",
      "deny",
      "goto_next",
      "goto_next",
      networks === undefined ? "apply_security_profile_group" : "allow",
    ]);
    return rule(
      r,
      100 + k * 10 + r.int(0, 9),
      action,
      {
        srcIpRanges: ranges,
        ...(isNamed ? { srcFqdns: ["updates.example.com"] } : {}),
        ...(r.chance(0.12)
          ? { srcNetworkContext: r.pick(["INTERNET", "INTERNET", "NON_INTERNET", "INTRA_VPC"]) }
          : r.chance(0.03)
            ? { srcNetworkType: "NON_INTERNET" }
            : {}),
        ...(r.chance(0.03) ? { destIpRanges: [isV6 ? "2600::/12" : "10.0.0.0/8"] } : {}),
        layer4Configs: servicesOf(r, "ipProtocol", isV6, isWide && action !== "deny" && action !== "goto_next"),
      },
      {
        ...(isWide || r.chance(0.4) ? { targetServiceAccounts: several(r, 3, () => r.pick(accounts)) } : {}),
        ...(networks !== undefined && r.chance(0.3) ? { targetResources: several(r, 3, () => r.pick(networks)) } : {}),
        ...(r.chance(0.05) ? { disabled: true } : {}),
      },
    );
  });

const rule = (r: Random, priority: number, action: string, match: object, more: object = {}): object => ({
  action,
  description: r.chance(0.5) ? "" : `Ticket SEC-${r.int(1000, 99_999)}`,
  direction: "INGRESS",
  enableLogging: false,
  kind: "compute#firewallPolicyRule",
  match,
  priority,
  ...(action === "apply_security_profile_group"
    ? {
        securityProfileGroup:
          "//networksecurity.googleapis.com/organizations/900000000001/locations/global/securityProfileGroups/ips",
      }
    : {}),
  ruleTupleCount: 2,
  ...more,
});

/** What Google itself puts at the end of every policy. */
const defaults = (r: Random): readonly object[] =>
  [
    {
      priority: 2147483644,
      direction: "EGRESS",
      match: { destIpRanges: ["::/0"], layer4Configs: [{ ipProtocol: "all" }] },
    },
    {
      priority: 2147483645,
      direction: "INGRESS",
      match: { srcIpRanges: ["::/0"], layer4Configs: [{ ipProtocol: "all" }] },
    },
    {
      priority: 2147483646,
      direction: "EGRESS",
      match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] },
    },
    {
      priority: 2147483647,
      direction: "INGRESS",
      match: { srcIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] },
    },
  ].map(({ priority, direction, match }) => rule(r, priority, "goto_next", match, { direction }));

/** The policy as `describe` prints it. */
export const policyAnswer = ({ type, path, name, shortName, rules, associations }: Policy, index: number): object => ({
  associations: associations.map((each) => ({
    ...each,
    firewallPolicyId: idOf("policy", index),
    ...(shortName === undefined ? {} : { displayName: shortName, shortName }),
  })),
  creationTimestamp: moment(index * 7919),
  description: "",
  ...(shortName === undefined ? {} : { displayName: shortName, parent: organization, shortName }),
  fingerprint: fingerprint(index),
  id: idOf("policy", index),
  kind: "compute#firewallPolicy",
  name,
  ...(type === "NETWORK_REGIONAL" ? { region: link(path.split("/firewallPolicies/")[0] ?? "") } : {}),
  ruleTupleCount: 2 * rules.length,
  rules,
  selfLink: link(path),
  selfLinkWithId: link(path.replace(/[^/]+$/, idOf("policy", index))),
});

/** What an effective answer tells of it: without what is not for the network. */
export const effectivePolicy = ({ type, name, shortName, rules }: Policy): object => ({
  ...(shortName === undefined ? {} : { displayName: shortName, shortName }),
  name,
  rules,
  type,
});
