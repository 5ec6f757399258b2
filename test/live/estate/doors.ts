/** The load balancers of a place: one of each kind, all open to the internet, and the interfaces that they hold. */
import { type Place, subnetIdOf, vpcIdOf, zoneOf } from "./parts.ts";
import { type Answers, type Body, by } from "./types.ts";

const created = "2025-06-07T08:09:10.110000+00:00";

type Kind = "net" | "app";

const arnOf = ({ region, account }: Place, rest: string): string =>
  `arn:aws:elasticloadbalancing:${region}:${account}:${rest}`;
const balancerOf = (kind: Kind, { name }: Place): string =>
  `${kind}/${name}-${kind}/000000000000000${kind === "net" ? 1 : 2}`;
const balancerArn = (place: Place, kind: Kind): string => arnOf(place, `loadbalancer/${balancerOf(kind, place)}`);
const listenerArn = (place: Place, kind: Kind): string =>
  arnOf(place, `listener/${balancerOf(kind, place)}/000000000000000a`);
const targetsArn = (place: Place, kind: Kind): string =>
  arnOf(place, `targetgroup/${place.name}-${kind}-targets/000000000000000b`);

export const doors = (place: Place, targets: readonly string[]): Answers => {
  const byArn = (parameter: string, arn: (place: Place, kind: Kind) => string, body: (kind: Kind) => Body) =>
    by(parameter, { [arn(place, "net")]: body("net"), [arn(place, "app")]: body("app") });
  return {
    "elbv2:DescribeLoadBalancers": { LoadBalancers: [balancer(place, "net"), balancer(place, "app")] },
    "elbv2:DescribeListeners": { Listeners: [listener(place, "net"), listener(place, "app")] },
    "elbv2:DescribeRules": byArn("ListenerArn", listenerArn, (kind) => ({ Rules: [rule(place, kind)] })),
    "elbv2:DescribeTargetGroups": { TargetGroups: [targetGroup(place, "net"), targetGroup(place, "app")] },
    "elbv2:DescribeTargetHealth": byArn("TargetGroupArn", targetsArn, () => health(targets)),
    "elbv2:DescribeTargetGroupAttributes": byArn("TargetGroupArn", targetsArn, (kind) => ({
      Attributes: [
        { Key: "preserve_client_ip.enabled", Value: String(kind === "net") },
        { Key: "deregistration_delay.timeout_seconds", Value: "300" },
      ],
    })),
    "elbv2:DescribeLoadBalancerAttributes": byArn("LoadBalancerArn", balancerArn, () => ({
      Attributes: [
        { Key: "deletion_protection.enabled", Value: "false" },
        { Key: "access_logs.s3.prefix", Value: "" },
      ],
    })),
    "elb:DescribeLoadBalancers": { LoadBalancerDescriptions: [classic(place, targets)] },
    "elb:DescribeLoadBalancerAttributes": {
      LoadBalancerAttributes: {
        CrossZoneLoadBalancing: { Enabled: true },
        AccessLog: { Enabled: false },
        ConnectionDraining: { Enabled: true, Timeout: 300 },
        ConnectionSettings: { IdleTimeout: 60 },
      },
    },
  };
};

const balancer = (place: Place, kind: Kind): Body => ({
  LoadBalancerArn: balancerArn(place, kind),
  DNSName: `${place.name}-${kind}-0001.elb.${place.region}.amazonaws.com`,
  CanonicalHostedZoneId: "Z2IFOLAFXWLO4F",
  CreatedTime: created,
  LoadBalancerName: `${place.name}-${kind}`,
  Scheme: "internet-facing",
  VpcId: vpcIdOf(place),
  State: { Code: "active" },
  Type: kind === "net" ? "network" : "application",
  AvailabilityZones: [{ ZoneName: zoneOf(place, 0), SubnetId: subnetIdOf(place, 0), LoadBalancerAddresses: [] }],
  ...(kind === "app" ? { SecurityGroups: ["sg-0000000000000001b"] } : {}),
  IpAddressType: "ipv4",
});

const forward = (place: Place, kind: Kind): Body => ({ Type: "forward", TargetGroupArn: targetsArn(place, kind) });

const listener = (place: Place, kind: Kind): Body => ({
  ListenerArn: listenerArn(place, kind),
  LoadBalancerArn: balancerArn(place, kind),
  Port: 443,
  Protocol: kind === "net" ? "TCP" : "HTTP",
  DefaultActions: [forward(place, kind)],
});

const rule = (place: Place, kind: Kind): Body => ({
  RuleArn: `${listenerArn(place, kind)}/rule`,
  Priority: "default",
  Conditions: [],
  Actions: [forward(place, kind)],
  IsDefault: true,
});

const targetGroup = (place: Place, kind: Kind): Body => ({
  TargetGroupArn: targetsArn(place, kind),
  TargetGroupName: `${place.name}-${kind}-targets`,
  Protocol: kind === "net" ? "TCP" : "HTTP",
  Port: 8080,
  VpcId: vpcIdOf(place),
  HealthCheckProtocol: "TCP",
  HealthCheckPort: "traffic-port",
  HealthCheckEnabled: true,
  HealthCheckIntervalSeconds: 30,
  HealthCheckTimeoutSeconds: 10,
  HealthyThresholdCount: 5,
  UnhealthyThresholdCount: 2,
  LoadBalancerArns: [balancerArn(place, kind)],
  TargetType: "instance",
  IpAddressType: "ipv4",
});

const health = (targets: readonly string[]): Body => ({
  TargetHealthDescriptions: targets.map((Id, index) => ({
    Target: { Id, Port: 8080 },
    HealthCheckPort: "8080",
    TargetHealth:
      index === 0
        ? { State: "healthy" }
        : { State: "unhealthy", Reason: "Target.Timeout", Description: "Request timed out" },
  })),
});

const classic = (place: Place, targets: readonly string[]): Body => ({
  LoadBalancerName: `${place.name}-classic`,
  DNSName: `${place.name}-classic-0003.${place.region}.elb.amazonaws.com`,
  CanonicalHostedZoneNameID: "Z32O12XQLNTSW2",
  ListenerDescriptions: [
    {
      Listener: { Protocol: "TCP", LoadBalancerPort: 8443, InstanceProtocol: "TCP", InstancePort: 8080 },
      PolicyNames: [],
    },
  ],
  Policies: { AppCookieStickinessPolicies: [], LBCookieStickinessPolicies: [], OtherPolicies: [] },
  BackendServerDescriptions: [],
  AvailabilityZones: [zoneOf(place, 0)],
  Subnets: [subnetIdOf(place, 0)],
  VPCId: vpcIdOf(place),
  Instances: targets.map((InstanceId) => ({ InstanceId })),
  HealthCheck: { Target: "TCP:8080", Interval: 30, Timeout: 5, UnhealthyThreshold: 2, HealthyThreshold: 10 },
  SourceSecurityGroup: { OwnerAlias: place.account, GroupName: "web" },
  SecurityGroups: ["sg-0000000000000001b"],
  CreatedTime: created,
  Scheme: "internet-facing",
});

/** The interfaces of the load balancers, and the one of the endpoint that leads to instances. */
export const doorInterfaces = (place: Place, group: string): readonly Body[] => [
  held(place, 0, {
    NetworkInterfaceId: "eni-0000000000000e1b1",
    Description: `ELB ${balancerOf("net", place)}`,
    InterfaceType: "network_load_balancer",
    ...shown(place, "203.0.113.21"),
    PrivateIpAddress: `${place.block}.0.21`,
    Groups: [],
  }),
  held(place, 0, {
    NetworkInterfaceId: "eni-0000000000000e1b2",
    Description: `ELB ${balancerOf("app", place)}`,
    InterfaceType: "interface",
    ...shown(place, "203.0.113.22"),
    PrivateIpAddress: `${place.block}.0.22`,
    Groups: [{ GroupId: group, GroupName: "web" }],
  }),
  held(place, 0, {
    NetworkInterfaceId: "eni-0000000000000e1b3",
    Description: `ELB ${place.name}-classic`,
    InterfaceType: "interface",
    ...shown(place, "203.0.113.23"),
    PrivateIpAddress: `${place.block}.0.23`,
    Groups: [{ GroupId: group, GroupName: "web" }],
  }),
  held(place, 1, {
    NetworkInterfaceId: "eni-0000000000000ece1",
    Description: "EC2 Instance Connect Endpoint interface for eice-0000000000000001a",
    InterfaceType: "ec2_instance_connect_endpoint",
    PrivateIpAddress: `${place.block}.1.24`,
    Groups: [{ GroupId: "sg-0000000000000001a", GroupName: "default" }],
  }),
];

const shown = ({ region }: Place, PublicIp: string): Body => ({
  Association: {
    IpOwnerId: "amazon-elb",
    PublicDnsName: `ec2-${PublicIp.replaceAll(".", "-")}.${region}.compute.amazonaws.com`,
    PublicIp,
  },
});

/** An interface that a service holds in somebody's subnet. */
const held = (place: Place, subnet: 0 | 1, own: Body): Body => ({
  Attachment: {
    AttachTime: "2025-06-07T08:10:00+00:00",
    AttachmentId: `ela-attach-${String(own["NetworkInterfaceId"]).slice(4)}`,
    DeleteOnTermination: false,
    DeviceIndex: 1,
    InstanceOwnerId: "amazon-aws",
    Status: "attached",
  },
  AvailabilityZone: zoneOf(place, subnet),
  Ipv6Addresses: [],
  MacAddress: "06:00:00:00:ff:01",
  OwnerId: place.account,
  PrivateIpAddresses: [
    {
      ...("Association" in own ? { Association: own["Association"] } : {}),
      Primary: true,
      PrivateIpAddress: own["PrivateIpAddress"],
    },
  ],
  RequesterId: "amazon-elb",
  RequesterManaged: true,
  SourceDestCheck: true,
  Status: "in-use",
  SubnetId: subnetIdOf(place, subnet),
  TagSet: [],
  VpcId: vpcIdOf(place),
  Operator: { Managed: false },
  ...own,
});
