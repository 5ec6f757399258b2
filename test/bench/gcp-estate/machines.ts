/** What `gcloud compute instances list --format=json` prints of one machine. */
import { hex8 } from "../estate/text.ts";
import { random, scramble } from "../random.ts";
import type { Machine, Nic, Plan } from "./plan.ts";
import { link } from "./plan.ts";

export const instanceAnswer = (outline: Plan, machine: Machine): object => {
  const r = random(outline.seed, "gcp instance", machine.index);
  const { name, id, role, tags, interfaces } = machine;
  const zone = zonePath(machine);
  const created = moment(r.int(0, 2 ** 31));
  return {
    canIpForward: r.chance(0.02),
    cpuPlatform: "Intel Broadwell",
    creationTimestamp: created,
    deletionProtection: false,
    disks: [
      {
        autoDelete: true,
        boot: true,
        deviceName: "persistent-disk-0",
        diskSizeGb: "20",
        index: 0,
        interface: "SCSI",
        kind: "compute#attachedDisk",
        mode: "READ_WRITE",
        source: link(`${zone}/disks/${name}`),
        type: "PERSISTENT",
      },
    ],
    fingerprint: fingerprint(machine.index),
    id,
    kind: "compute#instance",
    labelFingerprint: fingerprint(machine.index + 1),
    labels: { role: role.name, team: `team-${machine.index % 23}` },
    lastStartTimestamp: created,
    machineType: link(`${zone}/machineTypes/${r.pick(["e2-small", "e2-medium", "n2-standard-4", "c3-standard-8"])}`),
    metadata: {
      fingerprint: fingerprint(machine.index + 2),
      items: [{ key: "enable-oslogin", value: "true" }],
      kind: "compute#metadata",
    },
    name,
    networkInterfaces: interfaces.map((each, k) => interfaceAnswer(each, k)),
    scheduling: {
      automaticRestart: true,
      onHostMaintenance: "MIGRATE",
      preemptible: false,
      provisioningModel: "STANDARD",
    },
    selfLink: link(`${zone}/instances/${name}`),
    ...(role.account === undefined
      ? {}
      : { serviceAccounts: [{ email: role.account, scopes: ["https://www.googleapis.com/auth/cloud-platform"] }] }),
    shieldedInstanceConfig: { enableIntegrityMonitoring: true, enableSecureBoot: false, enableVtpm: true },
    startRestricted: false,
    status: machine.status,
    tags: { fingerprint: fingerprint(machine.index + 3), ...(tags.length === 0 ? {} : { items: tags }) },
    zone: link(zone),
  };
};

export const zonePath = ({ zone, interfaces: [first] }: Machine): string =>
  `projects/${first?.subnet.network.project ?? ""}/zones/${zone}`;

const interfaceAnswer = ({ subnet, address, external, ipv6 }: Nic, index: number): object => ({
  ...(external === undefined
    ? {}
    : {
        accessConfigs: [
          {
            kind: "compute#accessConfig",
            name: "External NAT",
            ...(external === "" ? {} : { natIP: external }),
            networkTier: "PREMIUM",
            type: "ONE_TO_ONE_NAT",
          },
        ],
      }),
  fingerprint: fingerprint(subnet.index),
  ...(ipv6 === undefined || subnet.ipv6 === undefined ? {} : ipv6Members(subnet.ipv6.access, ipv6)),
  kind: "compute#networkInterface",
  name: `nic${index}`,
  network: link(subnet.network.path),
  networkIP: address,
  stackType: ipv6 === undefined ? "IPV4_ONLY" : "IPV4_IPV6",
  subnetwork: link(`projects/${subnet.network.project}/regions/${subnet.region}/subnetworks/${subnet.name}`),
});

const ipv6Members = (access: "EXTERNAL" | "INTERNAL", ipv6: string): object =>
  access === "INTERNAL"
    ? { ipv6AccessType: access, ipv6Address: ipv6, internalIpv6PrefixLength: 96 }
    : {
        ipv6AccessConfigs: [
          {
            externalIpv6: ipv6,
            externalIpv6PrefixLength: 96,
            kind: "compute#accessConfig",
            name: "external-ipv6",
            networkTier: "PREMIUM",
            type: "DIRECT_IPV6",
          },
        ],
        ipv6AccessType: access,
      };

export const fingerprint = (index: number): string =>
  `${hex8(scramble(index)).slice(0, 7)}${hex8(scramble(index ^ 0x77)).slice(0, 4)}=`;

/** A moment of the last years. */
export const moment = (number: number): string => {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `20${24 + (number % 3)}-${two(1 + (number % 12))}-${two(1 + (number % 28))}T${two(number % 24)}:${two(number % 60)}:${two((number >> 8) % 60)}.${String(number % 1000).padStart(3, "0")}-08:00`;
};
