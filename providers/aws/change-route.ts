import type { Change, Wanted } from "./change.ts";
import { NEW_GATEWAY, changed, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import { items, text } from "./raw.ts";
import type { RouteTables } from "./route-table.ts";
import type { Reference } from "./terraform.ts";
import { block, label } from "./terraform.ts";

/** Where a new route leads. */
export type Through =
  | { readonly gateway: string; readonly vpc: string }
  | { readonly peering: string }
  | { readonly transit: string };

/** A route to one address alone: the longest prefix is always taken first. */
export const addRoute = (
  facts: Facts,
  tables: RouteTables,
  id: string,
  peer: string,
  through: Through,
  want: Wanted,
): Change | undefined => {
  const table = facts.things.RouteTables.get(id);
  if (table === undefined) return undefined;
  const member = want.v6 ? "DestinationIpv6CidrBlock" : "DestinationCidrBlock";
  const routes = items(table.raw["Routes"]);
  const exists = routes.some((route) => text(route[member]) === peer);
  const others = routes.filter((route) => text(route[member]) !== peer);
  const target = targetOf(through);
  const route = { [member]: peer, ...target.raw, State: "active", Origin: "CreateRoute" };
  const destination = want.v6 ? "destination-ipv6-cidr-block" : "destination-cidr-block";
  return {
    says: `Send what goes to ${peer} through ${target.says} in ${id}.`,
    cli: `aws ec2 ${exists ? "replace" : "create"}-route --route-table-id ${id} --${destination} ${peer} ${target.cli}`,
    terraform: block("aws_route", label(id, peer), {
      route_table_id: id,
      [want.v6 ? "destination_ipv6_cidr_block" : "destination_cidr_block"]: peer,
      ...target.terraform,
    }),
    facts: withThing(facts, "RouteTables", id, changed(table, { Routes: [route, ...others] })),
    touches: (each) => {
      const found = tables.ofSubnet(each.subnet ?? "", each.vpc, each.id, each);
      return found.is === "found" && found.fact.id === id;
    },
  };
};

interface Target {
  readonly says: string;
  readonly cli: string;
  readonly raw: Readonly<Record<string, string>>;
  readonly terraform: Readonly<Record<string, string | Reference>>;
}

const targetOf = (through: Through): Target => {
  if ("peering" in through) {
    const { peering } = through;
    return {
      says: peering,
      cli: `--vpc-peering-connection-id ${peering}`,
      raw: { VpcPeeringConnectionId: peering },
      terraform: { vpc_peering_connection_id: peering },
    };
  }
  if ("transit" in through) {
    const { transit } = through;
    return {
      says: transit,
      cli: `--transit-gateway-id ${transit}`,
      raw: { TransitGatewayId: transit },
      terraform: { transit_gateway_id: transit },
    };
  }
  const { gateway, vpc } = through;
  const isNew = gateway === NEW_GATEWAY;
  const known = isNew ? "<the new internet gateway>" : gateway;
  const reference = { ref: `aws_internet_gateway.${label(vpc)}.id` };
  return {
    says: isNew ? "the new internet gateway" : gateway,
    cli: `--gateway-id ${known}`,
    raw: { GatewayId: gateway },
    terraform: { gateway_id: isNew ? reference : gateway },
  };
};
