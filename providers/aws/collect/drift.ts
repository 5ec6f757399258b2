import { items, text } from "../raw.ts";
import type { Body } from "./lists.ts";

/** What tells the things of a list apart. */
const IDS: Readonly<Record<string, string>> = {
  NetworkInterfaces: "NetworkInterfaceId",
  SecurityGroups: "GroupId",
  SecurityGroupRules: "SecurityGroupRuleId",
  NetworkAcls: "NetworkAclId",
  RouteTables: "RouteTableId",
  Subnets: "SubnetId",
  Vpcs: "VpcId",
  LoadBalancers: "LoadBalancerArn",
  TargetGroups: "TargetGroupArn",
};

/**
 * Watches the pages of one list. A thing that comes twice has moved from one page to another, so that some other thing
 * may have moved past the reader.
 */
export const drift = (): ((body: Body) => boolean) => {
  const seen = new Set<string>();
  const isNew = (id: string): boolean => !seen.has(id) && seen.add(id).has(id);
  return (body) => idsIn(body).filter((id) => !isNew(id)).length > 0;
};

const idsIn = (body: Body): readonly string[] =>
  Object.keys(body).flatMap((key) => {
    const id = IDS[key];
    if (id !== undefined) return items(body[key]).flatMap((item) => text(item[id]) ?? []);
    return key === "Reservations" ? items(body[key]).flatMap(instances) : [];
  });

const instances = (reservation: Body): readonly string[] =>
  items(reservation["Instances"]).flatMap((item) => text(item["InstanceId"]) ?? []);
