import type { Place } from "#model/gate.ts";
import { block, label } from "#model/terraform.ts";
import { groupOf, keyOf, nameOf, ownerOf, subscriptionOf } from "./arm-id.ts";
import type { Change, Wanted } from "./change.ts";
import { areSafe, freeName, isSafe, newName, whereOf, withInterface, withMember, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import { NOWHERE } from "#model/hop.ts";
import type { IpConfig } from "./network-interface.ts";
import { memberText } from "./raw.ts";

/** Stands for the address that is not allocated yet. */
const NEW_ADDRESS = "a new public address";

export const startMachine = (facts: Facts, { nic }: IpConfig): Change | undefined => {
  const machine = facts.machines.get(keyOf(nic.machine));
  if (machine === undefined) return undefined;
  const { id, key, name } = machine;
  const inSet = /\/virtualMachineScaleSets\/[^/]+\/virtualMachines\//i.test(id);
  const set = nameOf(ownerOf(id));
  if (!isSafe(id) || !areSafe(set)) return undefined;
  const where = whereOf(id);
  let after: Facts = {
    ...facts,
    machines: new Map(facts.machines).set(key, { ...machine, states: [{ state: "running", at: NOWHERE }] }),
  };
  let isGiven = false;
  for (const each of facts.nics.values())
    if (keyOf(each.machine) === key)
      for (const config of each.configs) {
        const address = facts.things.publicIPAddresses.get(keyOf(config.publicAddress));
        if (address === undefined || memberText(address.raw, "ipAddress") !== undefined) continue;
        isGiven = true;
        after = withThing(after, "publicIPAddresses", withMember(address, "ipAddress", NEW_ADDRESS));
      }
  return {
    says: isGiven ? `Start ${name}, which gives it a public address.` : `Start ${name}.`,
    cli: inSet
      ? `az vmss start ${where} -n ${set} --instance-ids ${nameOf(id)}`
      : `az vm start ${where} -n ${nameOf(id)}`,
    terraform: `# ${nameOf(id)} exists and is stopped; Terraform does not start machines`,
    facts: after,
    touches: (each) => keyOf(each.nic.machine) === key,
  };
};

export const giveAddress = (facts: Facts, place: Place, want: Wanted, config: IpConfig): Change | undefined => {
  const { nic, name } = config;
  const { id, location } = nic;
  const isFree = config.publicAddress === undefined && config.family === 4 && !want.v6 && place.id === config.id;
  const [subscription, group] = [subscriptionOf(id), groupOf(id)];
  if (!isFree || /virtualMachineScaleSets/i.test(id) || !isSafe(id) || !areSafe(nic.name, name, location))
    return undefined;
  const addresses = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/publicIPAddresses`;
  const own = freeName(newName(nic.name, "ip"), (each) =>
    facts.things.publicIPAddresses.has(keyOf(`${addresses}/${each}`)),
  );
  if (own === undefined) return undefined;
  const address = `${addresses}/${own}`;
  const where = whereOf(id);
  const raw = {
    id: address,
    name: own,
    sku: { name: "Standard" },
    ipAddress: NEW_ADDRESS,
    publicIPAddressVersion: "IPv4",
  };
  const made = withThing(facts, "publicIPAddresses", { id: address, raw, at: NOWHERE });
  return {
    says: `Give ${nic.name} a public IPv4 address. (To reach it without one, use Bastion.)`,
    cli: `az network public-ip create ${where} -n ${own} -l ${location} --sku Standard --version IPv4 && az network nic ip-config update ${where} --nic-name ${nic.name} -n ${name} --public-ip-address ${own}`,
    terraform: [
      block("azurerm_public_ip", label(own), {
        name: own,
        location: location ?? "",
        resource_group_name: group ?? "",
        allocation_method: "Static",
        sku: "Standard",
      }),
      `# in azurerm_network_interface, inside the ip_configuration block\npublic_ip_address_id = azurerm_public_ip.${label(own)}.id`,
    ].join("\n\n"),
    facts: withInterface(made, nic, (each) => (each.key === config.key ? { publicAddress: address } : {})),
    touches: (each) => each.nic.key === nic.key,
  };
};
