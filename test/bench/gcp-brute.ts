/**
 * The slow and obvious witness for Google Cloud: it reads the raw answers by itself and takes one packet from the internet
 * to one external address through every rule, as gcp.md A1 to A6 has it. It shares no line with the program. What the
 * answers do not tell may turn out either way, and where that matters the verdict is unknown.
 */

import { cidr, contains, familyOf, isInternet } from "./brute.ts";
import { found } from "./documents.ts";
import type { Documents, Firewall, Instance, Nic, PolicyRule, Route, Service } from "./gcp-documents.ts";

/** One packet to one external address of one interface. For TCP and UDP `port` is the port; for others it is not looked at. */
export interface Question {
  readonly instance: string;
  readonly nic: string;
  readonly address: string;
  readonly client: string;
  readonly protocol: number;
  readonly port: number;
}

export type Verdict = "reachable" | "blocked" | "unknown";
type Truth = "yes" | "no" | "maybe";

export const gcpReaches = (documents: Documents, question: Question): Verdict => {
  const instance = found(documents.instances, question.instance);
  const nic = instance.networkInterfaces.find(({ name }) => name === question.nic);
  if (nic === undefined) throw new Error(`${question.instance} has no ${question.nic}`);
  if (!isInternet(question.client) || familyOf(question.client) !== familyOf(question.address)) return "blocked";
  const truths = [
    runs(instance),
    hasExternal(nic, question.address) ? "yes" : "no",
    firewall(documents, instance, nic, question),
    answersHome(documents, instance, nic, question.client),
    // The system of a machine has its default route on the first interface, as far as anybody knows.
    nic.name === "nic0" ? "yes" : "maybe",
  ];
  return truths.includes("no") ? "blocked" : truths.includes("maybe") ? "unknown" : "reachable";
};

/** A machine that is on its way to another state may be there when the packet comes. */
const runs = ({ status }: Instance): Truth =>
  status === "RUNNING" ? "yes" : ["TERMINATED", "STOPPED", "SUSPENDED"].includes(status) ? "no" : "maybe";

const hasExternal = (nic: Nic, address: string): boolean =>
  familyOf(address) === 4
    ? (nic.accessConfigs ?? []).some(({ natIP }) => natIP === address)
    : (nic.ipv6AccessConfigs ?? []).some(({ externalIpv6, externalIpv6PrefixLength }) =>
        contains(`${externalIpv6}/${externalIpv6PrefixLength}`, address),
      );

/** One rule as far as this packet is concerned. */
interface Met {
  readonly matches: Truth;
  readonly does: "allow" | "deny" | "next";
}

/** A1: stage after stage; what no stage decides is denied. */
const firewall = (documents: Documents, instance: Instance, nic: Nic, question: Question): Truth => {
  const project = projectOf(nic.network);
  const around = { instance, nic, question };
  const policiesAt = (target: string, isIn: (link: string) => boolean): readonly (readonly Met[])[] =>
    documents.policies
      .flatMap((policy) =>
        policy.associations
          .filter(({ attachmentTarget }) => attachmentTarget === target)
          .map((association) => ({ policy, association })),
      )
      .filter(({ policy }) => isIn(policy.selfLink))
      .toSorted(
        (a, b) =>
          (a.association.priority ?? 1000) - (b.association.priority ?? 1000) ||
          (a.association.name < b.association.name ? -1 : 1),
      )
      .map(({ policy }) =>
        policy.rules
          .filter(({ direction, disabled }) => direction === "INGRESS" && disabled !== true)
          .toSorted((a, b) => a.priority - b.priority)
          .map((rule) => ({ matches: policyMatches(rule, around), does: effectOf(rule) })),
      );
  const region = /\/zones\/([^/]+)-[a-z]\//.exec(instance.selfLink)?.[1] ?? "";
  const hierarchical = found(documents.above, project).flatMap((node) => policiesAt(node, () => true));
  const network = [
    ...policiesAt(nic.network, (link) => link.includes("/global/firewallPolicies/")),
    ...policiesAt(nic.network, (link) => link.includes(`/regions/${region}/firewallPolicies/`)),
  ];
  const vpc = [
    (documents.firewallsOfNetwork.get(nic.network) ?? [])
      .filter(({ direction, disabled }) => direction === "INGRESS" && !disabled)
      .toSorted((a, b) => a.priority - b.priority || Number(a.denied === undefined) - Number(b.denied === undefined))
      .map((rule): Met => ({ matches: vpcMatches(rule, around), does: rule.denied === undefined ? "allow" : "deny" })),
  ];
  const isBefore =
    found(documents.networks, nic.network).networkFirewallPolicyEnforcementOrder === "BEFORE_CLASSIC_FIREWALL";
  const ends = outcomes([...hierarchical, ...(isBefore ? [...network, ...vpc] : [...vpc, ...network])]);
  return ends.has("allow") ? (ends.has("deny") ? "maybe" : "yes") : "no";
};

/** Every end that the packet may come to: a rule that may match is tried both ways. */
const outcomes = ([stage, ...later]: readonly (readonly Met[])[]): ReadonlySet<"allow" | "deny"> => {
  if (stage === undefined) return new Set(["deny"]);
  const ends = new Set<"allow" | "deny">();
  let mayLeave = false;
  for (const { matches, does } of stage) {
    if (matches === "no") continue;
    if (does === "next") mayLeave = true;
    else ends.add(does);
    if (matches === "yes") return mayLeave ? new Set([...ends, ...outcomes(later)]) : ends;
  }
  return new Set([...ends, ...outcomes(later)]);
};

/** A2: inspection lets pass what it cannot inspect. */
const effectOf = ({ action }: PolicyRule): Met["does"] => {
  switch (action) {
    case "allow":
    case "apply_security_profile_group":
      return "allow";
    case "deny":
      return "deny";
    case "goto_next":
      return "next";
    default:
      throw new Error(`${action} is beyond this oracle`);
  }
};

interface Around {
  readonly instance: Instance;
  readonly nic: Nic;
  readonly question: Question;
}

/** A3. Tags and accounts of senders are never those of the internet; nobody knows what 65535 means for an allow. */
const vpcMatches = (rule: Firewall, { instance, nic, question }: Around): Truth => {
  const {
    targetTags = [],
    targetServiceAccounts = [],
    sourceRanges = [],
    sourceTags = [],
    sourceServiceAccounts = [],
  } = rule;
  const isForAll = targetTags.length + targetServiceAccounts.length === 0;
  const hasTag = targetTags.some((tag) => (instance.tags.items ?? []).includes(tag));
  if (!isForAll && !hasTag && !runsAs(instance, targetServiceAccounts)) return "no";
  const isAny = sourceRanges.length + sourceTags.length + sourceServiceAccounts.length === 0;
  const isFrom =
    sourceRanges.some((range) => contains(range, question.client)) || (isAny && familyOf(question.client) === 4);
  if (!isFrom || !takes(rule.allowed ?? rule.denied ?? [], question)) return "no";
  const isTied: Truth = rule.priority === 65_535 && rule.denied === undefined ? "maybe" : "yes";
  return all([isTied, isTo(rule.destinationRanges ?? [], nic, question)]);
};

const runsAs = ({ serviceAccounts = [] }: Instance, accounts: readonly string[]): boolean =>
  serviceAccounts.some(({ email }) => accounts.includes(email));

/** A4. Sources are alternatives; context, destination, service and target must all fit. */
const policyMatches = (rule: PolicyRule, { instance, nic, question }: Around): Truth => {
  const { match, targetResources = [], targetServiceAccounts = [], targetSecureTags = [] } = rule;
  if (targetResources.length > 0 && !targetResources.includes(nic.network)) return "no";
  const isForAll = targetServiceAccounts.length + targetSecureTags.length === 0;
  const mayCarry = targetSecureTags.some(({ state }) => state === "EFFECTIVE");
  const target: Truth = isForAll || runsAs(instance, targetServiceAccounts) ? "yes" : mayCarry ? "maybe" : "no";
  const context = match.srcNetworkContext ?? match.srcNetworkType ?? "INTERNET";
  const { srcIpRanges = [], srcFqdns = [], srcRegionCodes = [], srcThreatIntelligences = [] } = match;
  const unknowable = srcFqdns.length + srcRegionCodes.length + srcThreatIntelligences.length > 0;
  const source: Truth = srcIpRanges.some((range) => contains(range, question.client))
    ? "yes"
    : unknowable
      ? "maybe"
      : "no";
  const service: Truth = takes(match.layer4Configs, question) ? "yes" : "no";
  return all([
    target,
    context === "INTERNET" ? "yes" : "no",
    source,
    service,
    isTo(match.destIpRanges ?? [], nic, question),
  ]);
};

const all = (truths: readonly Truth[]): Truth =>
  truths.includes("no") ? "no" : truths.includes("maybe") ? "maybe" : "yes";

/** Whether the external address of a translated packet is compared, or the internal one, is not documented. */
const isTo = (ranges: readonly string[], nic: Nic, { address }: Question): Truth => {
  if (ranges.length === 0) return "yes";
  const seen = familyOf(address) === 4 ? [address, nic.networkIP] : [address];
  const hits = seen.filter((each) => ranges.some((range) => contains(range, each)));
  return hits.length === 0 ? "no" : hits.length < seen.length ? "maybe" : "yes";
};

const numbers = new Map([
  ["tcp", 6],
  ["udp", 17],
  ["icmp", 1],
  ["esp", 50],
  ["ah", 51],
  ["sctp", 132],
]);

/** The number of a protocol; -1 is all of them. */
export const numberOf = ({ IPProtocol, ipProtocol }: Service): number => {
  const name = IPProtocol ?? ipProtocol ?? "";
  return name === "all" ? -1 : (numbers.get(name) ?? Number(name));
};

/** The first and last port of every range; all of them where none is given. */
export const portsOf = ({ ports = [] }: Service): readonly (readonly [number, number])[] =>
  ports.length === 0
    ? [[0, 65_535]]
    : ports.map((range) => {
        const [first = "", last = first] = range.split("-");
        return [Number(first), Number(last)];
      });

const takes = (services: readonly Service[], { protocol, port }: Question): boolean =>
  services.some((service) => {
    const number = numberOf(service);
    if (number === -1) return true;
    if (number !== protocol) return false;
    return (
      (protocol !== 6 && protocol !== 17) || portsOf(service).some(([first, last]) => first <= port && port <= last)
    );
  });

/** A6: the longest range wins, then the lowest priority; a route with tags is for machines that have one of them. */
const answersHome = ({ routesOfNetwork }: Documents, { tags }: Instance, { network }: Nic, client: string): Truth => {
  const fitting = (routesOfNetwork.get(network) ?? []).filter(
    (route) =>
      contains(route.destRange, client) &&
      (route.tags === undefined || route.tags.some((tag) => (tags.items ?? []).includes(tag))),
  );
  const [best, rival] = fitting.toSorted(
    (a, b) => cidr(b.destRange).length - cidr(a.destRange).length || a.priority - b.priority,
  );
  if (best === undefined) return "no";
  if (
    rival !== undefined &&
    rival.priority === best.priority &&
    rival.destRange === best.destRange &&
    leads(rival) !== leads(best)
  )
    throw new Error("Google chooses between these routes by chance");
  return leads(best);
};

/** What a tunnel or an appliance does with a reply is in no answer. */
const leads = ({ nextHopGateway, nextHopNetwork }: Route): Truth =>
  nextHopGateway?.endsWith("/default-internet-gateway") === true
    ? "yes"
    : nextHopNetwork === undefined
      ? "maybe"
      : "no";

export const projectOf = (link: string): string => /\/projects\/([^/]+)\//.exec(link)?.[1] ?? "";
