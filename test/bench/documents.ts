/** The raw answers of an estate, only as far as the oracle looks at them, and read by nobody else's code. */

export interface Permission {
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly IpRanges: readonly { readonly CidrIp: string }[];
  readonly Ipv6Ranges: readonly { readonly CidrIpv6: string }[];
  readonly PrefixListIds: readonly { readonly PrefixListId: string }[];
}
export interface AclEntry {
  readonly RuleNumber: number;
  readonly Egress: boolean;
  readonly RuleAction: string;
  readonly Protocol: string;
  readonly CidrBlock?: string;
  readonly Ipv6CidrBlock?: string;
  readonly PortRange?: { readonly From: number; readonly To: number };
  readonly IcmpTypeCode?: { readonly Type: number; readonly Code: number };
}
export interface Route {
  readonly DestinationCidrBlock?: string;
  readonly DestinationIpv6CidrBlock?: string;
  readonly DestinationPrefixListId?: string;
  readonly GatewayId?: string;
  readonly Origin: string;
  readonly State: string;
}
interface Acl {
  readonly Associations: readonly { readonly SubnetId: string }[];
  readonly Entries: readonly AclEntry[];
}
interface Table {
  readonly VpcId: string;
  readonly Associations: readonly {
    readonly Main?: boolean;
    readonly SubnetId?: string;
    readonly GatewayId?: string;
  }[];
  readonly Routes: readonly Route[];
}
export interface Interface {
  readonly NetworkInterfaceId: string;
  readonly VpcId: string;
  readonly SubnetId: string;
  readonly Status: string;
  readonly Attachment?: { readonly Status: string; readonly InstanceId?: string };
  readonly Groups: readonly { readonly GroupId: string }[];
  readonly PrivateIpAddresses: readonly {
    readonly PrivateIpAddress: string;
    readonly Association?: { readonly PublicIp?: string };
  }[];
  readonly Ipv6Addresses: readonly { readonly Ipv6Address: string }[];
  readonly DenyAllIgwTraffic?: boolean;
}
interface Vpc {
  readonly VpcId: string;
  readonly CidrBlockAssociationSet: readonly { readonly CidrBlock: string }[];
  readonly Ipv6CidrBlockAssociationSet: readonly {
    readonly Ipv6CidrBlock: string;
    readonly Ipv6AddressAttribute: string;
    readonly Ipv6CidrBlockState: { readonly State: string };
  }[];
}
interface File {
  readonly NetworkInterfaces?: readonly Interface[];
  readonly SecurityGroups?: readonly { readonly GroupId: string; readonly IpPermissions: readonly Permission[] }[];
  readonly NetworkAcls?: readonly Acl[];
  readonly RouteTables?: readonly Table[];
  readonly Vpcs?: readonly Vpc[];
  readonly InternetGateways?: readonly {
    readonly InternetGatewayId: string;
    readonly Attachments: readonly { readonly VpcId: string; readonly State: string }[];
  }[];
  readonly Reservations?: readonly {
    readonly Instances: readonly { readonly InstanceId: string; readonly State: { readonly Name: string } }[];
  }[];
  readonly Entries?: readonly { readonly Cidr: string }[];
  readonly VpcBlockPublicAccessOptions?: { readonly InternetGatewayBlockMode: string };
}

/** The raw answers, with maps to find things by id. */
export interface Documents {
  readonly interfaces: Map<string, Interface>;
  readonly groups: Map<string, readonly Permission[]>;
  readonly vpcs: Map<string, Vpc>;
  readonly lists: Map<string, readonly string[]>;
  readonly gatewayOfVpc: Map<string, string>;
  readonly stateOfInstance: Map<string, string>;
  readonly aclOfSubnet: Map<string, readonly AclEntry[]>;
  readonly tableOfSubnet: Map<string, readonly Route[]>;
  readonly mainTableOfVpc: Map<string, readonly Route[]>;
  readonly blockMode: string[];
}

/** Reads the pages of an estate, in any order. It keeps all that the questions need, so its memory grows with them. */
export const readDocuments = (pages: Iterable<{ readonly name: string; readonly json: string }>): Documents => {
  const documents: Documents = {
    interfaces: new Map(),
    groups: new Map(),
    vpcs: new Map(),
    lists: new Map(),
    gatewayOfVpc: new Map(),
    stateOfInstance: new Map(),
    aclOfSubnet: new Map(),
    tableOfSubnet: new Map(),
    mainTableOfVpc: new Map(),
    blockMode: [],
  };
  for (const { name, json } of pages) {
    const file: unknown = JSON.parse(json);
    if (isFile(file)) keep(documents, name, file);
  }
  return documents;
};

/** The estate's answers are taken at their word: a wrong shape shows as an error in the first question that meets it. */
const isFile = (json: unknown): json is File => typeof json === "object" && json !== null;

const keep = (documents: Documents, name: string, file: File): void => {
  for (const one of file.NetworkInterfaces ?? []) documents.interfaces.set(one.NetworkInterfaceId, one);
  for (const group of file.SecurityGroups ?? []) documents.groups.set(group.GroupId, group.IpPermissions);
  for (const vpc of file.Vpcs ?? []) documents.vpcs.set(vpc.VpcId, vpc);
  for (const { Instances } of file.Reservations ?? [])
    for (const instance of Instances) documents.stateOfInstance.set(instance.InstanceId, instance.State.Name);
  for (const acl of file.NetworkAcls ?? [])
    for (const { SubnetId } of acl.Associations)
      documents.aclOfSubnet.set(
        SubnetId,
        acl.Entries.toSorted((a, b) => a.RuleNumber - b.RuleNumber),
      );
  for (const gateway of file.InternetGateways ?? [])
    for (const { VpcId, State } of gateway.Attachments)
      if (State === "available" || State === "attached") documents.gatewayOfVpc.set(VpcId, gateway.InternetGatewayId);
  for (const table of file.RouteTables ?? [])
    for (const { Main, SubnetId, GatewayId } of table.Associations) {
      if (GatewayId !== undefined) throw new Error("gateway route tables are beyond this oracle");
      if (Main) documents.mainTableOfVpc.set(table.VpcId, table.Routes);
      if (SubnetId !== undefined) documents.tableOfSubnet.set(SubnetId, table.Routes);
    }
  const list = /pl-[0-9a-f]+/.exec(name)?.[0];
  if (file.Entries && list)
    documents.lists.set(list, [...(documents.lists.get(list) ?? []), ...file.Entries.map(({ Cidr }) => Cidr)]);
  if (file.VpcBlockPublicAccessOptions)
    documents.blockMode.push(file.VpcBlockPublicAccessOptions.InternetGatewayBlockMode);
};

/** What must be there, by its id. */
export const found = <T>(map: ReadonlyMap<string, T>, id: string): T => {
  const thing = map.get(id);
  if (thing === undefined) throw new Error(`${id} is in no document`);
  return thing;
};
