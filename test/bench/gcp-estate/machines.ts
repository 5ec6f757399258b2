/** What `gcloud compute instances list --format=json` prints of one machine. */
import { hex8 } from "../estate/text.ts";
import { type Random, random, scramble } from "../random.ts";
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
        architecture: "X86_64",
        autoDelete: true,
        boot: true,
        deviceName: "persistent-disk-0",
        diskSizeGb: "20",
        guestOsFeatures: features,
        index: 0,
        interface: "SCSI",
        kind: "compute#attachedDisk",
        licenses: [link("projects/debian-cloud/global/licenses/debian-12-bookworm")],
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
      items: metadataOf(r, machine),
      kind: "compute#metadata",
    },
    name,
    networkInterfaces: interfaces.map((each, k) => interfaceAnswer(each, k)),
    ...(r.chance(0.5) ? { reservationAffinity: { consumeReservationType: "ANY_RESERVATION" } } : {}),
    satisfiesPzi: true,
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
    shieldedInstanceIntegrityPolicy: { updateAutoLearnPolicy: true },
    startRestricted: false,
    status: machine.status,
    tags: { fingerprint: fingerprint(machine.index + 3), ...(tags.length === 0 ? {} : { items: tags }) },
    zone: link(zone),
  };
};

/** What public images of these years say of themselves. */
const features = [
  { type: "UEFI_COMPATIBLE" },
  { type: "VIRTIO_SCSI_MULTIQUEUE" },
  { type: "GVNIC" },
  { type: "SEV_CAPABLE" },
  { type: "SEV_LIVE_MIGRATABLE_V2" },
];

/** Half of the machines are of a managed group; of the others some have a script, and some a key. */
const metadataOf = (r: Random, { role, zone, interfaces: [first] }: Machine): readonly object[] => {
  const project = `projects/${first?.subnet.network.project ?? ""}`;
  const kind = r.int(0, 3);
  if (kind < 2)
    return [
      {
        key: "instance-template",
        value: `${project}/global/instanceTemplates/${role.name}-20250407174500889300000001`,
      },
      { key: "created-by", value: `${project}/zones/${zone}/instanceGroupManagers/${role.name}` },
    ];
  return [
    { key: "enable-oslogin", value: kind === 2 ? "true" : "false" },
    kind === 2
      ? { key: "startup-script", value: script }
      : { key: "ssh-keys", value: `deploy:ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"Q".repeat(43)} deploy@${role.name}` },
  ];
};
const script =
  "#!/bin/bash\nset -eu\napt-get update\napt-get install -y nginx\nsystemctl enable --now nginx\n" +
  'echo "$(hostname) is up" > /var/www/html/index.html\n';

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
