import { ICMPV6, isIcmp, protocolName } from "#packets/service.ts";
import { hasClientPort } from "#packets/set.ts";
import type { Change, Wanted } from "./change.ts";
import { changed, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import { items } from "./raw.ts";
import { block, label } from "./terraform.ts";

/** A rule for one other end alone, in the group that the fewest interfaces carry, so that it opens the least besides. */
export const addRule = (facts: Facts, groups: readonly string[], egress: boolean, want: Wanted): Change | undefined => {
  const carriers = (id: string): number =>
    [...facts.interfaces.values()].filter((each) => each.groups.ids.includes(id)).length;
  const [id] = groups
    .filter((each) => facts.things.SecurityGroups.has(each))
    .toSorted((a, b) => carriers(a) - carriers(b) || (a < b ? -1 : 1));
  const group = facts.things.SecurityGroups.get(id ?? "");
  if (id === undefined || group === undefined) return undefined;
  const peer = egress ? want.machine : want.client;
  const { name, from, until, says } = groupService(want);
  const ports = from === undefined ? "" : `,FromPort=${from},ToPort=${until}`;
  const member = egress ? "IpPermissionsEgress" : "IpPermissions";
  const source = want.v6 ? { Ipv6Ranges: [{ CidrIpv6: peer }] } : { IpRanges: [{ CidrIp: peer }] };
  const permission = { IpProtocol: name, ...(from === undefined ? {} : { FromPort: from, ToPort: until }), ...source };
  const ranges = want.v6 ? `Ipv6Ranges=[{CidrIpv6=${peer}}]` : `IpRanges=[{CidrIp=${peer}}]`;
  const side = egress ? "egress" : "ingress";
  return {
    says: egress
      ? `Let ${says} out to ${peer} in ${id}, a group of the client.`
      : `Allow ${says} from ${peer} in ${id}.`,
    cli: `aws ec2 authorize-security-group-${side} --group-id ${id} --ip-permissions 'IpProtocol=${name}${ports},${ranges}'`,
    terraform: block(`aws_vpc_security_group_${side}_rule`, label(id, name, String(from ?? ""), peer), {
      security_group_id: id,
      ip_protocol: name,
      ...(from === undefined ? {} : { from_port: from, to_port: until }),
      [want.v6 ? "cidr_ipv6" : "cidr_ipv4"]: peer,
    }),
    facts: withThing(
      facts,
      "SecurityGroups",
      id,
      changed(group, { [member]: [...items(group.raw[member]), permission] }),
    ),
    touches: (each) => each.groups.ids.includes(id),
  };
};

interface GroupService {
  readonly name: string;
  readonly says: string;
  readonly from?: number;
  readonly until: number;
}

/** A service as a group rule writes it: ports for TCP and UDP, type and code for ICMP, nothing for the rest. */
const groupService = ({ protocol, port }: Wanted): GroupService => {
  if (isIcmp(protocol)) {
    const name = protocol === ICMPV6 ? "icmpv6" : "icmp";
    return { name, says: `${name} type ${port >> 8}`, from: port >> 8, until: port & 255 };
  }
  if (!hasClientPort(protocol)) return { name: String(protocol), says: protocolName(protocol), until: -1 };
  const name = protocolName(protocol);
  return { name, says: `${name}/${port}`, from: port, until: port };
};
