import type { Alternative } from "#model/inventory.ts";
import type { Service } from "#packets/service.ts";
import { TCP } from "#packets/service.ts";
import { isEmpty } from "#packets/set.ts";
import { gap } from "#model/gap.ts";
import { problems } from "#problems.ts";
import { underAny } from "./address.ts";
import { groupOf, nameOf, subscriptionOf } from "./arm-id.ts";
import type { Fact } from "./facts.ts";
import { insideWays } from "./inside-ways.ts";
import type { Judges } from "./judges.ts";
import type { IpConfig } from "./network-interface.ts";
import { isRaw, items, loosely, member, text } from "./raw.ts";

const PORTAL = new Set([22, 3389]);

/** A Bastion leads to private addresses of its network and those joined to it, and asks who may use it (azure.md A7). */
export const bastionsFor = (judge: Judges, config: IpConfig, { protocol, port }: Service): readonly Alternative[] => {
  const { machine } = config.nic;
  if (protocol !== TCP || config.family !== 4 || machine === undefined || !config.isPrimary) return [];
  return [...judge.facts.things.bastionHosts.values()].flatMap((bastion): readonly Alternative[] => {
    const subnet = subnetOf(bastion);
    if (subnet === undefined) return [];
    const known = judge.networks.ofSubnet(subnet, bastion.id, bastion.at);
    if (!("subnet" in known)) return [];
    const from = underAny(known.subnet.prefixes);
    if (isEmpty(from)) return [];
    const sku = text(Object.entries(member(bastion.raw, "sku") ?? {}).find(([key]) => key === "name")?.[1]) ?? "Basic";
    const isNative = loosely(bastion.raw, "enableTunneling") === true;
    if (!isNative && !PORTAL.has(port)) return [];
    const name = nameOf(bastion.id);
    return insideWays(judge, from, config)
      .filter(({ origin }) => origin === "network" || origin === "peering")
      .map((way) => ({
        kind: "bastion",
        id: bastion.id,
        says: `Bastion ${name} (${sku}) leads to ${nameOf(machine)} at ${config.address ?? ""} without a public address, for those who may read it and the machine.`,
        cli: commandFor(bastion, machine, port, isNative),
        way,
        depends: gap("depends", problems.asksFirst(name, "Entra ID")),
      }));
  });
};

const subnetOf = ({ raw }: Fact): string | undefined => {
  for (const each of items(loosely(raw, "ipConfigurations"))) {
    const subnet = loosely(each, "subnet");
    if (isRaw(subnet)) return text(subnet["id"]);
  }
  return undefined;
};

const SAFE = /^\w[\w.-]*$/;

/** Only the sizes with native clients are asked from a terminal. Names stand in commands, so they are what Azure allows. */
const commandFor = (bastion: Fact, machine: string, port: number, isNative: boolean): string => {
  const [name, group, subscription] = [nameOf(bastion.id), groupOf(bastion.id) ?? "", subscriptionOf(bastion.id) ?? ""];
  if (![name, group, subscription].every((each) => SAFE.test(each)) || !/^[\w./-]+$/.test(machine)) return "";
  if (!isNative) return "Azure portal: the machine, Connect, Bastion";
  const where = `--subscription ${subscription} --name ${name} --resource-group ${group} --target-resource-id ${machine}`;
  return port === 22
    ? `az network bastion ssh ${where} --auth-type ssh-key --username USER --ssh-key FILE`
    : `az network bastion tunnel ${where} --resource-port ${port} --port ${port}`;
};
