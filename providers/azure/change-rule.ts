import type { Reference } from "#model/terraform.ts";
import { block, label } from "#model/terraform.ts";
import type { PacketSet } from "#packets/set.ts";
import { meets } from "#packets/set.ts";
import { under } from "./address.ts";
import { groupOf, keyOf, nameOf, subscriptionOf } from "./arm-id.ts";
import type { Change, Wanted } from "./change.ts";
import {
  areSafe,
  freeName,
  isSafe,
  newName,
  wantedService,
  whereOf,
  withInterface,
  withMember,
  withThing,
} from "./change.ts";
import type { Facts } from "./facts.ts";
import { NOWHERE } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import type { IpConfig } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { memberItems, memberText, refOf } from "./raw.ts";
import type { Direction, SecurityRule } from "./security-rule.ts";
import { FIRST, LAST } from "./security-rule.ts";

/** Where a rule goes that nothing forces further up. */
const USUAL = 1000;

interface Ends {
  readonly from: string;
  readonly to: string;
}

const rawRule = (name: string, direction: Direction, priority: number, service: Service, { from, to }: Ends): Raw => ({
  name,
  priority,
  direction,
  access: "Allow",
  protocol: service.protocol,
  sourcePortRange: "*",
  sourceAddressPrefix: from,
  destinationAddressPrefix: to,
  destinationPortRange: service.port,
});

type Service = NonNullable<ReturnType<typeof wantedService>>;

const ruleCommand = (nsg: string, raw: Raw): string => {
  const value = (name: string): string => String(raw[name]);
  const port = value("destinationPortRange");
  return [
    `az network nsg rule create ${whereOf(nsg)} --nsg-name ${nameOf(nsg)}`,
    `-n ${value("name")} --priority ${value("priority")} --direction ${value("direction")} --access Allow`,
    `--protocol ${value("protocol")} --source-address-prefixes ${value("sourceAddressPrefix")} --source-port-ranges '*'`,
    `--destination-address-prefixes ${value("destinationAddressPrefix")} --destination-port-ranges ${port === "*" ? "'*'" : port}`,
  ].join(" ");
};

const ruleBlock = (nsg: string, raw: Raw, group: string | Reference = nameOf(nsg)): string => {
  const value = (name: string): string => String(raw[name]);
  return block("azurerm_network_security_rule", label(value("name")), {
    name: value("name"),
    resource_group_name: groupOf(nsg) ?? "",
    network_security_group_name: group,
    priority: Number(raw["priority"]),
    direction: value("direction"),
    access: "Allow",
    protocol: value("protocol"),
    source_port_range: "*",
    source_address_prefix: value("sourceAddressPrefix"),
    destination_address_prefix: value("destinationAddressPrefix"),
    destination_port_range: value("destinationPortRange"),
  });
};

/** Whether a rule may turn these packets away: it is no allow, and neither its service nor its ends leave them out. */
const mayStop = (
  { action, service, source, destination, doubts }: SecurityRule,
  open: PacketSet,
  { address }: IpConfig,
): boolean =>
  action !== "allow" &&
  (doubts.length > 0 ||
    (meets(service.match.possibly, open) &&
      (source.match === undefined || meets(source.match.possibly, open)) &&
      (destination.match === undefined || meets(destination.match.possibly, under(address)))));

/** A priority for a new rule, and the rules that must make room for it, the last one first. */
interface Slot {
  readonly priority: number;
  readonly moved: readonly SecurityRule[];
}

/** More rules than that are nobody's smallest change. */
const MOST_MOVED = 8;

/** A number before every rule that turns these packets away: a free one, or else that of the first of them. */
const slotBefore = (rules: readonly SecurityRule[], stops: (rule: SecurityRule) => boolean): Slot | undefined => {
  const taken = new Set(rules.map(({ priority }) => priority));
  const first = rules.find(stops)?.priority ?? LAST + 1;
  const end = Math.min(first, LAST + 1) - 1;
  for (let at = Math.min(USUAL, end); at >= FIRST; at--) if (!taken.has(at)) return { priority: at, moved: [] };
  for (let at = USUAL + 1; at <= end; at++) if (!taken.has(at)) return { priority: at, moved: [] };
  const free = Array.from({ length: MOST_MOVED + 1 }, (_, i) => first + i).find((at) => !taken.has(at));
  if (first < FIRST || free === undefined || free > LAST) return undefined;
  const moved = rules.filter(({ priority }) => priority >= first && priority < free).toReversed();
  return areSafe(...moved.map(({ name }) => name)) ? { priority: first, moved } : undefined;
};

/** A rule as it is read, with another priority. */
const renumbered = (raw: Raw, priority: number): Raw =>
  withMember({ id: "", raw, at: NOWHERE }, "priority", priority).raw;

const ruleNameIn = (raw: Raw): string => (memberText(raw, "name") ?? "").replace(/^securityRules\//i, "").toLowerCase();

const hostOf = ({ address }: IpConfig): string | undefined =>
  address === undefined
    ? undefined
    : address.includes("/")
      ? address
      : `${address}/${address.includes(":") ? 128 : 32}`;

/** One more rule in a group that turns the packets away, for one client, one address and one port. */
export const addRule = (
  facts: Facts,
  judge: Judges,
  nsg: string,
  direction: Direction,
  want: Wanted,
  open: PacketSet,
  config: IpConfig,
): Change | undefined => {
  const fact = facts.things.networkSecurityGroups.get(keyOf(nsg));
  const rules = judge.groups.rules(nsg, direction);
  const service = wantedService(want);
  const to = hostOf(config);
  if (fact === undefined || rules === undefined || service === undefined || to === undefined) return undefined;
  const slot = slotBefore(rules, (rule) => mayStop(rule, open, config));
  const own = memberItems(fact.raw, "securityRules");
  const names = new Set(own.map(ruleNameIn));
  const plain = newName(
    "allow",
    service.protocol,
    service.port === "*" ? "" : service.port,
    "from",
    want.client,
    direction === "Outbound" ? "out" : "",
  );
  const name = freeName(plain, (each) => names.has(each));
  const { id } = fact;
  if (slot === undefined || name === undefined || !isSafe(id)) return undefined;
  const { priority, moved } = slot;
  const raw = rawRule(name, direction, priority, service, { from: want.client, to });
  const isManaged = /^mc_/i.test(groupOf(id) ?? "");
  const places = new Map(moved.map((rule) => [rule.name.toLowerCase(), rule.priority + 1]));
  const withRule = (list: readonly Raw[]): readonly Raw[] => [
    ...list.map((each) => {
      const now = places.get(ruleNameIn(each));
      return now === undefined ? each : renumbered(each, now);
    }),
    raw,
  ];
  const room = moved.map(({ name: each, priority: was }) => `${each} to ${was + 1}`);
  return {
    says: `${direction === "Inbound" ? "Allow" : "Let out"} ${service.says} from ${want.client} to ${to} in ${nameOf(id)}, at priority ${priority}${room.length === 0 ? "" : `, from which ${room.length === 1 ? "a rule moves" : "rules move"} down first: ${room.join(", ")}`}.${isManaged ? " (AKS owns this group, and may take the rule away again.)" : ""}`,
    cli: [...moved.map((rule) => moveCommand(id, rule)), ruleCommand(id, raw)].join(" && "),
    terraform: [
      ...moved.map((rule) => `# in azurerm_network_security_rule ${rule.name}\npriority = ${rule.priority + 1}`),
      ruleBlock(id, raw),
    ].join("\n\n"),
    facts: told(
      withThing(facts, "networkSecurityGroups", withMember(fact, "securityRules", withRule(own))),
      id,
      withRule,
    ),
    touches: touching(judge, id),
  };
};

const moveCommand = (nsg: string, { name, priority }: SecurityRule): string =>
  `az network nsg rule update ${whereOf(nsg)} --nsg-name ${nameOf(nsg)} -n ${name} --priority ${priority + 1}`;

/** The same, in what the cloud tells of the rules that are in force. */
const told = (facts: Facts, nsg: string, change: (rules: readonly Raw[]) => readonly Raw[]): Facts => {
  const member = "effectiveSecurityRules";
  const effectiveRules = new Map(
    [...facts.effectiveRules].map(([nic, effective]) => [
      nic,
      {
        ...effective,
        items: effective.items.map(({ raw, at }) =>
          keyOf(refOf(raw, "networkSecurityGroup")) === keyOf(nsg)
            ? { raw: withMember({ id: nsg, raw, at }, member, change(memberItems(raw, member))).raw, at }
            : { raw, at },
        ),
      },
    ]),
  );
  return { ...facts, effectiveRules };
};

const touching =
  (judge: Judges, nsg: string) =>
  (config: IpConfig): boolean => {
    const key = keyOf(nsg);
    const own = judge.filters.subnet(config);
    return keyOf(config.nic.nsg) === key || ("subnet" in own && keyOf(own.subnet.nsg) === key);
  };

/** A group of its own for an interface that has none, whose Standard address is closed for that reason. */
export const addGroup = (facts: Facts, want: Wanted, config: IpConfig): Change | undefined => {
  const { nic } = config;
  const { id, name: nicName, location } = nic;
  const service = wantedService(want);
  const to = hostOf(config);
  const [subscription, group] = [subscriptionOf(id), groupOf(id)];
  if (service === undefined || to === undefined || nic.nsg !== undefined || /virtualMachineScaleSets/i.test(id))
    return undefined;
  if (!isSafe(id) || !areSafe(nicName, location)) return undefined;
  const groups = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/networkSecurityGroups`;
  const own = freeName(newName(nicName, "nsg"), (each) =>
    facts.things.networkSecurityGroups.has(keyOf(`${groups}/${each}`)),
  );
  if (own === undefined) return undefined;
  const nsg = `${groups}/${own}`;
  const rule = newName("allow", service.protocol, service.port === "*" ? "" : service.port, "from", want.client);
  const raw = rawRule(rule, "Inbound", USUAL, service, { from: want.client, to });
  const fact = { id: nsg, raw: { id: nsg, name: own, location, securityRules: [raw] }, at: NOWHERE };
  const where = whereOf(id);
  return {
    says: `Give ${nicName} a network security group that allows ${service.says} from ${want.client} to ${to}.`,
    cli: [
      `az network nsg create ${where} -n ${own} -l ${location}`,
      ruleCommand(nsg, raw),
      `az network nic update ${where} -n ${nicName} --network-security-group ${own}`,
    ].join(" && "),
    terraform: [
      block("azurerm_network_security_group", label(own), {
        name: own,
        location: location ?? "",
        resource_group_name: group ?? "",
      }),
      ruleBlock(nsg, raw, { ref: `azurerm_network_security_group.${label(own)}.name` }),
      block("azurerm_network_interface_security_group_association", label(own), {
        network_interface_id: id,
        network_security_group_id: { ref: `azurerm_network_security_group.${label(own)}.id` },
      }),
    ].join("\n\n"),
    facts: withInterface(withThing(facts, "networkSecurityGroups", fact), nic, () => ({}), { nsg }),
    touches: (each) => each.nic.key === nic.key,
  };
};
