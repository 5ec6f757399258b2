/**
 * An Azure estate of any size: subscriptions with hubs and spokes, network security groups that are read first match
 * first, interfaces with addresses of both families, machines, routes, balancers and some admin rules. Answers come as
 * ARM pages them or, for some kinds, as `az` prints them. The same size and seed give the same bytes.
 */
import { adminAnswer } from "./azure-estate/admin.ts";
import { flattened, listed, nested, page, paged } from "./azure-estate/answers.ts";
import { balanced, balancerThings } from "./azure-estate/balancers.ts";
import {
  addressThings,
  interfaceId,
  interfaceThing,
  machineThing,
  stateThing,
  withState,
} from "./azure-estate/machines.ts";
import { applicationGroupThings, gatewayThing, networkThing, tableThings } from "./azure-estate/networks.ts";
import {
  groupsIn,
  type Interface,
  interfaceAt,
  machineAt,
  type Network,
  plan,
  type Plan,
  type Subscription,
  subnetId,
} from "./azure-estate/plan.ts";
import { groupThing } from "./azure-estate/rules.ts";
import { serviceTagsAnswer } from "./azure-estate/tags.ts";
import type { Page } from "./estate.ts";

/** All answers of an estate, each under the path that it has in a snapshot. Only one page is in memory at a time. */
export function* azureEstate(interfaces: number, seed: number): Generator<Page, void> {
  const outline = plan(interfaces, seed);
  const behind = balanced(outline);
  const attached = attachments(outline);
  for (const subscription of outline.subscriptions) {
    const { id, networks } = subscription;
    const folder = `azure/${id}`;
    yield page(
      `${folder}/service-tags-${networks[0]?.region ?? ""}.json`,
      serviceTagsAnswer(seed, id, networks[0]?.region ?? ""),
    );
    yield* securityGroups(outline, subscription, attached);
    yield* paged(
      folder,
      "virtual-networks",
      networks.map((each) => nested(networkThing(outline, each))),
    );
    yield listed(
      folder,
      "route-tables",
      networks.flatMap((each) => tableThings(outline, each, flattened)).map(flattened),
    );
    yield listed(folder, "application-security-groups", networks.flatMap(applicationGroupThings).map(flattened));
    yield* paged(
      folder,
      "virtual-network-gateways",
      networks.filter(({ hasGateway }) => hasGateway).map((each) => nested(gatewayThing(each))),
    );
    const balancers = networks.flatMap((each) => balancerThings(each, behind.get(each) ?? [], firstConfig));
    yield* paged(folder, "load-balancers", balancers.filter(({ type }) => type.endsWith("/loadBalancers")).map(nested));
    yield* paged(
      folder,
      "public-ip-addresses",
      addresses(
        outline,
        subscription,
        balancers.filter(({ type }) => type.endsWith("/publicIPAddresses")),
      ),
    );
    yield* paged(folder, "network-interfaces", interfacesIn(outline, subscription));
    yield* machines(outline, subscription);
    for (const network of networks) {
      const answer = adminAnswer(outline, network);
      if (answer === undefined) continue;
      yield page(`${folder}/${network.group}/effective-security-admin-rules-${network.name}.json`, answer);
    }
  }
}

const firstConfig = (nic: Interface): string => `${interfaceId(nic)}/ipConfigurations/ipconfig1`;

function* indices({ interfaces, subnetOf, subnets }: Plan, { id }: Subscription): Generator<number, void> {
  for (let index = 0; index < interfaces; index++)
    if (subnets[subnetOf[index] ?? 0]?.network.subscription === id) yield index;
}

function* interfacesIn(outline: Plan, subscription: Subscription): Generator<object, void> {
  for (const index of indices(outline, subscription))
    yield nested(interfaceThing(outline, interfaceAt(outline, index), nested));
}

function* addresses(
  outline: Plan,
  subscription: Subscription,
  others: readonly Parameters<typeof nested>[0][],
): Generator<object, void> {
  for (const thing of others) yield nested(thing);
  for (const index of indices(outline, subscription))
    for (const thing of addressThings(interfaceAt(outline, index))) yield nested(thing);
}

/** Machines and their states: in one list, as `az vm list -d` prints them, or in two. */
function* machines(outline: Plan, subscription: Subscription): Generator<Page, void> {
  const folder = `azure/${subscription.id}`;
  const all = [...indices(outline, subscription)].flatMap((index) => {
    const thing = machineThing(outline, index);
    return thing === undefined ? [] : [{ thing, state: machineAt(outline, index)?.state ?? "" }];
  });
  if (subscription.isFlat) {
    const flat = all.map(({ thing, state }) => flattened(withState(thing, state)));
    yield listed(folder, "virtual-machines", flat);
    return;
  }
  yield* paged(
    folder,
    "virtual-machines",
    all.map(({ thing }) => nested(thing)),
  );
  yield* paged(
    folder,
    "instance-views",
    all.map(({ thing, state }) => nested(stateThing(thing, state))),
  );
}

interface Attached {
  readonly subnets: string[];
  readonly interfaces: string[];
}

const attachments = (outline: Plan): ReadonlyMap<number, Attached> => {
  const found = new Map<number, Attached>();
  const of = (group: number): Attached => {
    const known = found.get(group) ?? { subnets: [], interfaces: [] };
    found.set(group, known);
    return known;
  };
  for (const subnet of outline.subnets)
    if (subnet.securityGroup !== undefined) of(subnet.securityGroup).subnets.push(subnetId(subnet));
  for (let index = 0; index < outline.interfaces; index++) {
    const nic = interfaceAt(outline, index);
    if (nic.securityGroup !== undefined) of(nic.securityGroup).interfaces.push(interfaceId(nic));
  }
  return found;
};

function* securityGroups(
  outline: Plan,
  { id, networks, isFlat }: Subscription,
  attached: ReadonlyMap<number, Attached>,
): Generator<Page, void> {
  const form = isFlat ? flattened : nested;
  const print = (group: number): object =>
    form(groupThing(outline, group, attached.get(group) ?? { subnets: [], interfaces: [] }, form));
  const all = networks.flatMap((network: Network) => groupsIn(network)).map(print);
  if (isFlat) yield listed(`azure/${id}`, "network-security-groups", all);
  else yield* paged(`azure/${id}`, "network-security-groups", all);
}
