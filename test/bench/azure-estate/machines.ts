/** Interfaces, their public addresses, and the machines that they belong to. */
import { hex8 } from "../estate/text.ts";
import { random, scramble } from "../random.ts";
import type { Thing } from "./answers.ts";
import { balancedBy } from "./balancers.ts";
import {
  groupId,
  idOf,
  type Interface,
  interfaceAt,
  interfacesOf,
  machineAt,
  machineId,
  type Network,
  type Plan,
  subnetId,
} from "./plan.ts";
import { applicationGroupId } from "./rules.ts";

export const interfaceId = ({ subnet: { network }, name }: Interface): string =>
  idOf(network, "networkInterfaces", name);

export const interfaceThing = (outline: Plan, nic: Interface, form: (thing: Thing) => object): Thing => {
  const r = random(outline.seed, "azure interface answer", nic.index);
  const { subnet, machine, securityGroup, configs } = nic;
  const { network } = subnet;
  const id = interfaceId(nic);
  const isSecond = nic.name.endsWith("2");
  return {
    id,
    type: "Microsoft.Network/networkInterfaces",
    location: network.region,
    properties: {
      resourceGuid: hex8(scramble(nic.index)),
      ipConfigurations: configs.map(({ name, family, address, applicationGroups, public: known }, k) =>
        form({
          id: `${id}/ipConfigurations/${name}`,
          type: "Microsoft.Network/networkInterfaces/ipConfigurations",
          properties: {
            privateIPAddress: address,
            privateIPAllocationMethod: "Dynamic",
            privateIPAddressVersion: `IPv${family}`,
            primary: k === 0,
            subnet: { id: r.chance(0.05) ? subnetId(subnet).toLowerCase() : subnetId(subnet) },
            ...(known === undefined ? {} : { publicIPAddress: { id: addressId(network, known.name) } }),
            ...(applicationGroups.length === 0
              ? {}
              : {
                  applicationSecurityGroups: applicationGroups.map((each) => ({
                    id: applicationGroupId(r, network, each),
                  })),
                }),
            ...(k === 0 ? balancedBy(network, nic) : {}),
          },
        }),
      ),
      dnsSettings: { dnsServers: [], appliedDnsServers: [], internalDomainNameSuffix: "internal.cloudapp.net" },
      macAddress: `00-0D-3A-${hex8(scramble(nic.index)).slice(0, 2)}-4F-11`.toUpperCase(),
      enableAcceleratedNetworking: true,
      enableIPForwarding: false,
      disableTcpStateTracking: false,
      ...(securityGroup === undefined ? {} : { networkSecurityGroup: { id: groupId(outline, securityGroup) } }),
      ...(machine === undefined
        ? {}
        : { primary: !isSecond, virtualMachine: { id: machineIdIn(network, machine.name) } }),
      hostedWorkloads: [],
      tapConfigurations: [],
      nicType: "Standard",
      auxiliaryMode: "None",
      auxiliarySku: "None",
    },
    besides: { kind: "Regular" },
  };
};

/** Azure prints resource groups of machines in capitals. */
const machineIdIn = (network: Network, name: string): string =>
  machineId({ ...network, group: network.group.toUpperCase() }, name);

const addressId = (network: Network, name: string): string => idOf(network, "publicIPAddresses", name);

export const addressThings = (nic: Interface): readonly Thing[] => {
  const { network } = nic.subnet;
  return nic.configs.flatMap(({ name: config, public: known }) =>
    known === undefined
      ? []
      : [
          {
            id: addressId(network, known.name),
            type: "Microsoft.Network/publicIPAddresses",
            location: network.region,
            sku: { name: known.sku, tier: "Regional" },
            properties: {
              resourceGuid: hex8(scramble(nic.index ^ 0x50)),
              ...(known.address === undefined ? {} : { ipAddress: known.address }),
              publicIPAddressVersion: `IPv${known.family}`,
              publicIPAllocationMethod: known.sku === "Basic" ? "Dynamic" : "Static",
              idleTimeoutInMinutes: 4,
              ipTags: [],
              ddosSettings: { protectionMode: "VirtualNetworkInherited" },
              ipConfiguration: { id: `${interfaceId(nic)}/ipConfigurations/${config}` },
            },
          },
        ],
  );
};

/** The machine that an interface is the first of; undefined for second ones and for spare ones. */
export const machineThing = (outline: Plan, index: number): Thing | undefined => {
  const r = random(outline.seed, "azure machine answer", index);
  const machine = machineAt(outline, index);
  const own = interfacesOf(outline, index);
  if (machine === undefined || own.length === 0) return undefined;
  const { subnet, role } = interfaceAt(outline, index);
  const { network } = subnet;
  return {
    id: machineIdIn(network, machine.name),
    type: "Microsoft.Compute/virtualMachines",
    location: network.region,
    properties: {
      hardwareProfile: { vmSize: r.pick(["Standard_B2s", "Standard_D2s_v5", "Standard_D8s_v5", "Standard_E4s_v5"]) },
      vmId: `${hex8(scramble(index))}-0000-4000-8000-${hex8(scramble(index + 1))}0000`,
      storageProfile: {
        imageReference: {
          publisher: "Canonical",
          offer: "ubuntu-24_04-lts",
          sku: "server",
          version: "latest",
          exactVersion: "24.04.202610070",
        },
        osDisk: {
          osType: "Linux",
          name: `${machine.name}_OsDisk_1`,
          createOption: "FromImage",
          caching: "ReadWrite",
          managedDisk: { storageAccountType: "Premium_LRS", id: `${machineIdIn(network, machine.name)}_OsDisk_1` },
          deleteOption: "Delete",
          diskSizeGB: 30,
        },
        dataDisks: [],
        diskControllerType: "SCSI",
      },
      osProfile: {
        computerName: machine.name,
        adminUsername: "azureuser",
        linuxConfiguration: {
          disablePasswordAuthentication: true,
          provisionVMAgent: true,
          patchSettings: { patchMode: "ImageDefault", assessmentMode: "ImageDefault" },
        },
        secrets: [],
        allowExtensionOperations: true,
      },
      networkProfile: {
        networkInterfaces: own.map((each, k) => ({
          id: interfaceId(interfaceAt(outline, each)),
          properties: { primary: k === 0 },
        })),
      },
      timeCreated: "2025-11-03T09:12:44.1234567+00:00",
    },
    besides: { tags: { role: role.name, team: `team-${index % 23}` } },
  };
};

/** What `az vm list -d` says of the state besides. */
export const withState = (machine: Thing, state: string): Thing => ({
  ...machine,
  besides: { ...machine.besides, powerState: `VM ${state}`, fqdns: "", publicIps: "" },
});

/** What a list that was asked for with `statusOnly` says. */
export const stateThing = ({ id, type, location }: Thing, state: string): Thing => ({
  id,
  type,
  ...(location === undefined ? {} : { location }),
  properties: {
    instanceView: {
      statuses: [
        {
          code: "ProvisioningState/succeeded",
          level: "Info",
          displayStatus: "Provisioning succeeded",
          time: "2026-10-01T08:00:00.0000000+00:00",
        },
        { code: `PowerState/${state}`, level: "Info", displayStatus: `VM ${state}` },
      ],
    },
  },
});
