import { block, label } from "#model/terraform.ts";
import type { PacketSet } from "#packets/set.ts";
import { meets } from "#packets/set.ts";
import { groupOf, keyOf, nameOf, subscriptionOf } from "./arm-id.ts";
import type { Change, Wanted } from "./change.ts";
import { areSafe, newName, wantedService, withInterface, withMember, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import { NOWHERE } from "./hop.ts";
import type { Judges } from "./judges.ts";
import type { IpConfig } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { memberItems, memberText } from "./raw.ts";
import type { Direction, SecurityRule } from "./security-rule.ts";

/** Custom rules have these priorities, each once in a direction (azure.md A2). */
const FIRST = 100;
const LAST = 4096;
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
    `az network nsg rule create --subscription ${subscriptionOf(nsg)} -g ${groupOf(nsg)} --nsg-name ${nameOf(nsg)}`,
    `-n ${value("name")} --priority ${value("priority")} --direction ${value("direction")} --access Allow`,
    `--protocol ${value("protocol")} --source-address-prefixes ${value("sourceAddressPrefix")} --source-port-ranges '*'`,
    `--destination-address-prefixes ${value("destinationAddressPrefix")} --destination-port-ranges ${port === "*" ? "'*'" : port}`,
  ].join(" ");
};

const ruleBlock = (nsg: string, raw: Raw): string => {
  const value = (name: string): string => String(raw[name]);
  return block("azurerm_network_security_rule", label(value("name")), {
    name: value("name"),
    resource_group_name: groupOf(nsg) ?? "",
    network_security_group_name: nameOf(nsg),
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

/** A free number before every rule that turns these packets away. */
const freeBefore = (rules: readonly SecurityRule[], open: PacketSet): number | undefined => {
  const taken = new Set(rules.map(({ priority }) => priority));
  const blocker = rules.find(
    ({ action, service, doubts }) => action !== "allow" && (doubts.length > 0 || meets(service.match.possibly, open)),
  );
  const end = Math.min(blocker?.priority ?? LAST + 1, LAST + 1) - 1;
  for (let at = Math.min(USUAL, end); at >= FIRST; at--) if (!taken.has(at)) return at;
  for (let at = USUAL + 1; at <= end; at++) if (!taken.has(at)) return at;
  return undefined;
};

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
  const priority = freeBefore(rules, open);
  const name = newName(
    "allow",
    service.protocol,
    service.port === "*" ? "" : service.port,
    "from",
    want.client,
    direction === "Outbound" ? "out" : "",
  );
  const names = memberItems(fact.raw, "securityRules").map((each) => memberText(each, "name")?.toLowerCase());
  const { id } = fact;
  if (priority === undefined || names.includes(name) || !areSafe(subscriptionOf(id), groupOf(id), nameOf(id)))
    return undefined;
  const raw = rawRule(name, direction, priority, service, { from: want.client, to });
  const isManaged = /^mc_/i.test(groupOf(id) ?? "");
  return {
    says: `${direction === "Inbound" ? "Allow" : "Let out"} ${service.says} from ${want.client} to ${to} in ${nameOf(id)}, at priority ${priority}.${isManaged ? " (AKS owns this group, and may take the rule away again.)" : ""}`,
    cli: ruleCommand(id, raw),
    terraform: ruleBlock(id, raw),
    facts: withThing(
      facts,
      "networkSecurityGroups",
      withMember(fact, "securityRules", [...memberItems(fact.raw, "securityRules"), raw]),
    ),
    touches: touching(judge, id),
  };
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
  if (!areSafe(subscription, group, nicName, location)) return undefined;
  const own = newName(nicName, "nsg");
  const nsg = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/networkSecurityGroups/${own}`;
  if (facts.things.networkSecurityGroups.has(keyOf(nsg))) return undefined;
  const rule = newName("allow", service.protocol, service.port === "*" ? "" : service.port, "from", want.client);
  const raw = rawRule(rule, "Inbound", USUAL, service, { from: want.client, to });
  const fact = { id: nsg, raw: { id: nsg, name: own, location, securityRules: [raw] }, at: NOWHERE };
  const where = `--subscription ${subscription} -g ${group}`;
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
      ruleBlock(nsg, raw),
      block("azurerm_network_interface_security_group_association", label(own), {
        network_interface_id: id,
        network_security_group_id: { ref: `azurerm_network_security_group.${label(own)}.id` },
      }),
    ].join("\n\n"),
    facts: withInterface(withThing(facts, "networkSecurityGroups", fact), nic, () => ({}), { nsg }),
    touches: (each) => each.nic.key === nic.key,
  };
};
