import type { Place } from "#model/gate.ts";
import type { Change, Wanted } from "./change.ts";
import { NEW_ADDRESS, NEW_GATEWAY, changed, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { text } from "./raw.ts";
import { block, label } from "./terraform.ts";
import type { Judges } from "./judges.ts";

export const startMachine = (facts: Facts, { instance }: NetworkInterface): Change | undefined => {
  const found = facts.instances.get(instance ?? "");
  if (found?.state !== "stopped") return undefined;
  return {
    says: `Start ${found.id}.`,
    cli: `aws ec2 start-instances --instance-ids ${found.id}`,
    terraform: block("aws_ec2_instance_state", label(found.id), { instance_id: found.id, state: "running" }),
    facts: { ...facts, instances: new Map(facts.instances).set(found.id, { ...found, state: "running" }) },
    touches: (each) => each.instance === found.id,
  };
};

export const giveAddress = (facts: Facts, place: Place, want: Wanted, to: NetworkInterface): Change | undefined => {
  const [primary, ...others] = to.v4;
  if (want.v6 || place.id !== to.id || primary === undefined) return undefined;
  const changedTo: NetworkInterface = { ...to, read: {}, v4: [{ ...primary, public: NEW_ADDRESS }, ...others] };
  return {
    says: `Give ${to.id} an elastic IP.`,
    cli: [
      "aws ec2 allocate-address --domain vpc",
      `aws ec2 associate-address --network-interface-id ${to.id} --private-ip-address ${primary.private} --allocation-id <the AllocationId it printed>`,
    ].join("\n"),
    terraform: block("aws_eip", label(to.id), {
      domain: "vpc",
      network_interface: to.id,
      associate_with_private_ip: primary.private,
    }),
    facts: { ...facts, interfaces: new Map(facts.interfaces).set(to.id, changedTo) },
    touches: (each) => each.id === to.id,
  };
};

export const attachGateway = (
  facts: Facts,
  { gateways }: Judges,
  { vpc, at, account }: NetworkInterface,
): Change | undefined => {
  if (vpc === undefined || gateways.of(vpc) !== undefined) return undefined;
  const owner = text(facts.things.Vpcs.get(vpc)?.raw["OwnerId"]) ?? account;
  if (owner !== account) return undefined; // only the owner of a shared VPC can attach a gateway to it
  const [free] = gateways.free.filter(
    (each) => text(facts.things.InternetGateways.get(each)?.raw["OwnerId"]) === owner,
  );
  const id = free ?? NEW_GATEWAY;
  const attached = { Attachments: [{ VpcId: vpc, State: "available" }], InternetGatewayId: id };
  const before = facts.things.InternetGateways.get(id) ?? { raw: {}, at };
  const attach = `aws ec2 attach-internet-gateway --vpc-id ${vpc} --internet-gateway-id`;
  return {
    says:
      free === undefined
        ? `Make an internet gateway and attach it to ${vpc}.`
        : `Attach the internet gateway ${free} to ${vpc}.`,
    cli:
      free === undefined
        ? `aws ec2 create-internet-gateway\n${attach} <the InternetGatewayId it printed>`
        : `${attach} ${free}`,
    terraform:
      free === undefined
        ? block("aws_internet_gateway", label(vpc), { vpc_id: vpc })
        : block("aws_internet_gateway_attachment", label(vpc), { vpc_id: vpc, internet_gateway_id: free }),
    facts: withThing(facts, "InternetGateways", id, changed(before, attached)),
    touches: (each) => each.vpc === vpc,
  };
};

/** An exclusion for the subnet: the one that it has is changed, since a subnet has one at most. */
export const excludeSubnet = (facts: Facts, { subnet, at, account, region }: NetworkInterface): Change | undefined => {
  const isOwn = (own: string | undefined, other: string | undefined): boolean => own === undefined || own === other;
  const forbidden = facts.blockOptions.some(
    ({ raw: of }) =>
      text(of["ExclusionsAllowed"]) === "not-allowed" &&
      isOwn(text(of["AwsAccountId"]), account) &&
      isOwn(text(of["AwsRegion"]), region),
  );
  if (subnet === undefined || forbidden) return undefined;
  const found = [...facts.things.VpcBlockPublicAccessExclusions].find(
    ([, { raw: of }]) =>
      text(of["ResourceArn"])?.split("/").at(-1) === subnet &&
      text(of["State"])?.endsWith("-complete") === true &&
      !text(of["State"])?.startsWith("d"),
  );
  const id = found?.[0];
  const mode = "--internet-gateway-exclusion-mode allow-bidirectional";
  const exclusion = {
    ExclusionId: id ?? `vpcbpa-exclude-${subnet}`,
    InternetGatewayExclusionMode: "allow-bidirectional",
    ResourceArn: `arn:aws:ec2:::subnet/${subnet}`,
    State: "create-complete",
  };
  return {
    says: `Exclude ${subnet} from block public access, in both directions.`,
    cli:
      id === undefined
        ? `aws ec2 create-vpc-block-public-access-exclusion --subnet-id ${subnet} ${mode}`
        : `aws ec2 modify-vpc-block-public-access-exclusion --exclusion-id ${id} ${mode}`,
    terraform: block("aws_vpc_block_public_access_exclusion", label(subnet), {
      subnet_id: subnet,
      internet_gateway_exclusion_mode: "allow-bidirectional",
    }),
    facts: withThing(facts, "VpcBlockPublicAccessExclusions", exclusion.ExclusionId, { raw: exclusion, at }),
    touches: (each) => each.subnet === subnet,
  };
};
