import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { RawAnswer, Reading, Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import { askedOf, lacking } from "./above.ts";
import type { Asked, Fact, Facts, Noun } from "./facts.ts";
import { nouns } from "./facts.ts";
import type { Instance } from "./instance.ts";
import { readInstance } from "./instance.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { interfaceReader } from "./network-interface.ts";
import type { NamedAnswer, NamedKey } from "./named-answer.ts";
import { NAMED, folderOf, readNamed } from "./named-answer.ts";
import { ownKey, permissions } from "./permissions.ts";
import type { Raw } from "./raw.ts";
import { transitReader } from "./transit-answers.ts";
import { isOdd, items, raw, regionOf, scopeOfArn, text, texts } from "./raw.ts";

type Answer = Extract<RawAnswer, { is: "answer" }>;

const isNoun = (key: string): key is Noun => key in nouns;
const isNamed = (key: string): key is NamedKey => NAMED.some((each) => each === key);

/** Attributes of a classic balancer are one object; here they are pairs, as those of the others. */
const asPairs = (attributes: Raw): readonly Raw[] =>
  Object.entries(attributes).map(([key, value]) => ({ Key: key, Value: value }));

/** Puts every answer where it can be found by its id. Concludes nothing. */
export const factReader = (
  how: Reading,
): { readonly add: (answer: RawAnswer) => void; readonly facts: () => Facts } => {
  const interfaces = new Map<string, NetworkInterface>();
  const insideInstances = new Map<string, NetworkInterface>();
  const instances = new Map<string, Instance>();
  const things: Record<Noun, Map<string, Fact>> = {
    SecurityGroups: new Map(),
    NetworkAcls: new Map(),
    RouteTables: new Map(),
    Subnets: new Map(),
    Vpcs: new Map(),
    InternetGateways: new Map(),
    ManagedPrefixLists: new Map(),
    VpcPeeringConnections: new Map(),
    VpcBlockPublicAccessExclusions: new Map(),
    TransitGateways: new Map(),
    TransitGatewayAttachments: new Map(),
    TransitGatewayVpcAttachments: new Map(),
    TransitGatewayRouteTables: new Map(),
    InstanceConnectEndpoints: new Map(),
    LoadBalancers: new Map(),
    LoadBalancerDescriptions: new Map(),
    Listeners: new Map(),
    Rules: new Map(),
    TargetGroups: new Map(),
    Accelerators: new Map(),
    AcceleratorListeners: new Map(),
    EndpointGroups: new Map(),
  };
  const entries = new Map<string, Fact[]>();
  const addresses: Fact[] = [];
  const blockOptions: Fact[] = [];
  const managed = new Map<string, Fact[]>();
  const groupRules = new Map<string, Fact[]>();
  const stale = new Map<string, Set<string>>();
  const asked = new Map<string, Asked[]>();
  const visited: Scope[] = [];
  const contradictions = new Map<string, Gap>();
  const gaps: Gap[] = [];
  const cutEntries = new Map<string, Gap>();
  const cutLists = new Map<string, Gap>();
  const versions = new Map<string, { readonly cidrs: string; readonly at: Source }>();
  const whole = new Set<string>();
  const lists = new Map<string, Pages>();
  const transit = transitReader((found) => void gaps.push(found));
  const unnamed: NamedAnswer[] = [];
  const read = {};
  const readInterface = interfaceReader(read);

  const contradict = (id: string, first: Source, second: Source): void => {
    const found = gap("unreadable", problems.contradicts(id, placeOf(first), placeOf(second)), second);
    contradictions.set(id, found);
    gaps.push(found);
  };

  /** Keeps a thing unless another one has its id; two that differ are a contradiction. */
  const keep = <T>(
    known: Map<string, T>,
    id: string,
    thing: T,
    at: Source,
    differs: (a: T, b: T) => Source | undefined,
  ): void => {
    const before = known.get(id);
    if (before === undefined) return void known.set(id, thing);
    const first = differs(before, thing);
    if (first === undefined || contradictions.has(id)) return;
    contradict(id, first, at);
  };

  /** A thing whose own lists are not what they should be is not known. */
  const doubt = (id: string, at: Source): void => {
    if (contradictions.has(id)) return;
    const found = gap("unreadable", problems.notAList(placeOf(at)), at);
    contradictions.set(id, found);
    gaps.push(found);
  };

  /** Of what such a list belongs to, not all is known. */
  const lack = (of: string, what: string, at: Source): void => {
    const found = gap("unreadable", problems.lacks(placeOf(at), what), at);
    cutLists.set(of, found);
    gaps.push(found);
  };

  /** Two calls print this key: one with the ranges of the cloud's own lists, one with the lists' names and states. */
  const prefixList = (item: Raw, at: Source): void => {
    const id = text(item["PrefixListId"]);
    if (id === undefined) return;
    const cidrs = texts(item["Cidrs"]);
    if (cidrs.length === 0) return keep(things.ManagedPrefixLists, id, { raw: item, at }, at, differentFact);
    entries.set(
      id,
      cidrs.map((cidr, i) => ({ raw: { Cidr: cidr }, at: inside(at, `Cidrs/${i}`) })),
    );
  };

  const readers: Readonly<Record<string, (item: Raw, at: Source, scope: Scope) => void>> = {
    NetworkInterfaces: (item, at, scope) => {
      const read = readInterface(item, scope.account, undefined, at);
      if (read !== undefined) keep(interfaces, read.id, read, at, differentInterface);
    },
    Reservations: (reservation, at, scope) => {
      const owner = text(reservation["OwnerId"]) ?? scope.account;
      items(reservation["Instances"]).forEach((item, i) => {
        const where = inside(at, `Instances/${i}`);
        const read = readInstance(item, owner, where);
        if (read === undefined) return;
        keep(instances, read.id, read, where, (a, b) => (a.state === b.state ? undefined : a.at));
        const zone = text(raw(item["Placement"])["AvailabilityZone"]);
        items(item["NetworkInterfaces"]).forEach((each, j) => {
          if (interfaces.has(text(each["NetworkInterfaceId"]) ?? "")) return; // its own document says more
          const known = readInterface(each, owner, zone, inside(where, `NetworkInterfaces/${j}`));
          if (known !== undefined) insideInstances.set(known.id, { ...known, instance: read.id, region: read.region });
        });
      });
    },
    Addresses: (item, at) => void addresses.push({ raw: item, at }),
    SecurityGroupRules: (item, at) => append(groupRules, text(item["GroupId"]), { raw: item, at }),
    InstanceInformationList: (item, at) => append(managed, text(item["InstanceId"]), { raw: item, at }),
    PrefixLists: prefixList,
    ManagedPrefixLists: prefixList,
    StaleSecurityGroupSet: (item) => {
      const id = text(item["GroupId"]);
      if (id === undefined) return;
      const referenced = items(item["StaleIpPermissions"]).flatMap((permission) =>
        items(permission["UserIdGroupPairs"]).flatMap((pair) => text(pair["GroupId"]) ?? []),
      );
      stale.set(id, new Set([...(stale.get(id) ?? []), ...referenced]));
    },
  };

  const readAnswer = (answer: Answer): void => {
    const { key, body, at } = answer;
    if (key === "Entries") return readEntries(answer);
    if (transit.add(key, body, at)) return;
    if (key === "VpcBlockPublicAccessOptions") {
      const options = raw(body[key]);
      if (Object.keys(options).length === 0) return;
      const scope = {
        account: text(options["AwsAccountId"]) ?? answer.scope.account,
        region: text(options["AwsRegion"]) ?? answer.scope.region,
      };
      blockOptions.push({ raw: { ...options, AwsAccountId: scope.account, AwsRegion: scope.region }, at });
      return note(key, { scope, how: "read" });
    }
    const options = raw(body[key]);
    const list = Object.keys(options).length > 0 ? asPairs(options) : items(body[key]);
    if (isNamed(key) && (key !== "Listeners" || list.length === 0))
      unnamed.push({ key, items: list, at, scope: answer.scope });
    const reader = readers[key];
    list.forEach((item, i) => {
      const where = inside(at, i);
      if (reader !== undefined) reader(item, where, answer.scope);
      else if (isNoun(key)) {
        const id = text(item[nouns[key]]) ?? text(item["LoadBalancerName"]);
        if (id === undefined) return;
        keep(things[key], id, { raw: item, at: where }, where, differentFact);
        const lacks = lacking(key, item);
        const of = askedOf(key, item);
        if (lacks !== undefined && of !== undefined) lack(of, lacks, where);
        for (const member of LISTS[key] ?? []) if (isOdd(item[member])) doubt(id, inside(where, member));
      }
    });
    const scope = scopeOfItems(list, answer.scope);
    const isLast = (text(body["NextToken"]) ?? text(body["NextMarker"])) === undefined;
    for (const of of new Set([...list.map((item) => askedOf(key, item)), ...(list.length === 0 ? [undefined] : [])])) {
      const page = `${key} ${scope.account ?? ""} ${scope.region ?? folderOf(at)} ${of ?? ""}`;
      const before = lists.get(page);
      const vpc = before?.vpc ?? vpcOf(list[0] ?? {});
      lists.set(page, { key, of, at, scope, cut: before?.cut !== false && !isLast, vpc });
    }
  };

  const readEntries = (answer: Answer): void => {
    const id = /\bpl-[0-9a-z]+/.exec(answer.at.file.split(/[/\\]/).slice(-2).join("/"))?.[0];
    if (id === undefined) {
      gaps.push(
        gap(
          "unreadable",
          problems.noEntryName(answer.at.file, "the entries of a prefix list", "pl-0123456789abcdef0.json"),
          answer.at,
        ),
      );
      return;
    }
    // A page that says that no more follow completes the list, whichever is read first.
    const list = items(answer.body[answer.key]);
    if (text(answer.body["NextToken"]) === undefined) {
      whole.add(id);
      const cidrs = list
        .map((item) => text(item["Cidr"]) ?? "")
        .toSorted()
        .join(" ");
      const before = versions.get(id);
      if (before !== undefined && before.cidrs !== cidrs && !cutEntries.has(id)) contradict(id, before.at, answer.at);
      versions.set(id, { cidrs, at: answer.at });
    } else cutEntries.set(id, gap("missing", problems.incomplete(answer.at.file, "entries"), answer.at));
    if (!entries.has(id)) entries.set(id, []);
    list.forEach((item, i) => append(entries, id, { raw: item, at: inside(answer.at, i) }));
  };

  const note = (key: string, how: Asked): void => void asked.set(key, [...(asked.get(key) ?? []), how]);

  const refuse = ({ call, scope, why, at }: Extract<RawAnswer, { is: "refused" }>): void => {
    const where = [scope.account && `in account ${scope.account}`, scope.region && `in ${scope.region}`];
    const found = gap("refused", problems.refused(call, where.filter(Boolean).join(" ") || "by the cloud", why), at);
    doWithout(call, scope, found);
  };

  /** What the call would have told is not known. A call that tells of accounts and Regions is missed by its own name. */
  const doWithout = (call: string, scope: Scope, found: Gap): void => {
    gaps.push(found);
    const keys = permissions.find((permission) => permission.call === call)?.keys ?? [call];
    for (const key of keys) note(ownKey(call, key), { scope, how: "refused", gap: found });
  };

  const take = (answer: RawAnswer): void => {
    switch (answer.is) {
      case "answer":
        return readAnswer(answer);
      case "refused":
        return refuse(answer);
      case "lost":
        return doWithout(
          answer.call,
          answer.scope,
          gap("missing", problems.lostFile(answer.file, answer.call), answer.at),
        );
      case "visited":
        return void visited.push(answer.scope);
    }
  };

  /** The Regions of VPCs, which their subnets and interfaces tell. */
  const regionsOfVpcs = (): ReadonlyMap<string, string> => {
    const found = new Map<string, string>();
    for (const { vpc, region } of interfaces.values())
      if (vpc !== undefined && region !== undefined && !found.has(vpc)) found.set(vpc, region);
    for (const { raw: subnet } of things.Subnets.values()) {
      const region = regionOf(text(subnet["AvailabilityZone"])) ?? scopeOfArn(text(subnet["SubnetArn"]) ?? "").region;
      if (region !== undefined) found.set(text(subnet["VpcId"]) ?? "", region);
    }
    return found;
  };

  const finish = (): void => {
    for (const [id, known] of insideInstances) if (!interfaces.has(id)) interfaces.set(id, known);
    for (const id of whole) cutEntries.delete(id);
    gaps.push(...cutEntries.values());
    // A list whose every page says that more follow was cut; a page that does not say so is the last.
    const regions = regionsOfVpcs();
    const noted = new Set<string>();
    for (const { at, key, of, scope: own, cut, vpc } of lists.values()) {
      const scope = { account: own.account, region: own.region ?? regions.get(vpc ?? "") };
      const found = cut ? gap("missing", problems.incomplete(at.file, key), at) : undefined;
      if (found !== undefined) gaps.push(found);
      if (found !== undefined && of !== undefined) cutLists.set(of, found);
      const isCut = found !== undefined && of === undefined;
      const name = `${key} ${scope.account ?? ""} ${scope.region ?? ""} ${isCut ? "cut" : ""}`;
      if (isCut) note(key, { scope, how: "cut", gap: found });
      else if (!noted.has(name)) note(key, { scope, how: "read" });
      noted.add(name);
    }
  };
  const facts = (): Facts => {
    finish();
    const named = readNamed(unnamed, {
      groups: things.TargetGroups,
      balancers: things.LoadBalancers,
      classics: things.LoadBalancerDescriptions,
    });
    gaps.push(...named.gaps);
    for (const [id, why] of named.contradictions) contradictions.set(id, why);
    return {
      how,
      read,
      interfaces,
      instances,
      things,
      entries,
      cutEntries,
      cutLists,
      transit: transit.answers(),
      managed,
      addresses,
      blockOptions,
      groupRules,
      stale,
      named,
      asked,
      visited,
      regions: new Set([...interfaces.values(), ...instances.values()].flatMap(({ region }) => region ?? [])),
      contradictions,
      gaps,
    };
  };
  return { add: take, facts };
};

/** The pages of one list that were read. */
interface Pages {
  readonly key: string;
  /** What the list was asked for, where there is one for each such thing. */
  readonly of: string | undefined;
  readonly at: Source;
  readonly scope: Scope;
  readonly cut: boolean;
  /** A VPC that the list names, which may tell the Region that the list itself does not. */
  readonly vpc: string | undefined;
}

const vpcOf = (item: Raw): string | undefined =>
  text(item["VpcId"]) ??
  text(item["VPCId"]) ??
  [...items(item["Attachments"]), ...items(item["Instances"])]
    .map((each) => text(each["VpcId"]))
    .find((each) => each !== undefined);

/** Lists inside things without which the things cannot be understood. */
const LISTS: Partial<Record<Noun, readonly string[]>> = {
  NetworkAcls: ["Entries", "Associations"],
  RouteTables: ["Routes", "Associations"],
  InternetGateways: ["Attachments"],
  LoadBalancerDescriptions: ["ListenerDescriptions", "Instances"],
  Listeners: ["DefaultActions"],
  Rules: ["Conditions", "Actions"],
  EndpointGroups: ["EndpointDescriptions", "PortOverrides"],
};

const append = <K, V>(map: Map<K, V[]>, key: K | undefined, value: V): void => {
  if (key === undefined) return;
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};

const placeOf = ({ file, pointer }: Source): string => `${file}#${pointer}`;

/** Whose list it is, by its first item that says so; the path of the file says the rest. */
const scopeOfItems = (list: readonly Raw[], path: Scope): Scope => {
  const item = list[0] ?? {};
  const arn = Object.entries(item).find(([member, value]) => member.endsWith("Arn") && typeof value === "string");
  const known = arn === undefined ? { account: undefined, region: undefined } : scopeOfArn(String(arn[1]));
  return {
    account: text(item["OwnerId"]) ?? known.account ?? path.account,
    region:
      regionOf(text(item["AvailabilityZone"])) ??
      regionOf(texts(item["AvailabilityZones"])[0]) ??
      known.region ??
      path.region,
  };
};

// Tags are each account's own view of a shared thing, so they may differ.
const comparable = ({ Tags: _tags, TagSet: _tagSet, ...rest }: Raw): string => JSON.stringify(rest, sortKeys);
const sortKeys = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const differentFact = (a: Fact, b: Fact): Source | undefined =>
  comparable(a.raw) === comparable(b.raw) ? undefined : a.at;

const differentInterface = (a: NetworkInterface, b: NetworkInterface): Source | undefined => {
  const shape = ({ at: _at, name: _name, read: _read, ...rest }: NetworkInterface): string => JSON.stringify(rest);
  return shape(a) === shape(b) ? undefined : a.at;
};
