import type { AwsCredentialIdentityProvider } from "@smithy/types";
import { ec2Protocol } from "./ec2-protocol.ts";
import {
  acceleratorLists,
  balancerLists,
  classicLists,
  ec2Lists,
  identityLists,
  managedLists,
  organizationLists,
  regionLists,
} from "./lists.ts";
import type { Services } from "./region.ts";

/** The SDK's clients, each imported when it is first used. They share one set of connections. */
export interface Clients {
  /** The Region that the user's own configuration names. */
  readonly home: string;
  readonly identity: (credentials: AwsCredentialIdentityProvider) => ReturnType<typeof identityLists>;
  readonly organization: (
    credentials: AwsCredentialIdentityProvider,
    partition: string,
  ) => Promise<ReturnType<typeof organizationLists>>;
  readonly regions: (credentials: AwsCredentialIdentityProvider) => Promise<ReturnType<typeof regionLists>>;
  readonly services: (credentials: AwsCredentialIdentityProvider, region: string) => Promise<Services>;
  readonly accelerators: (credentials: AwsCredentialIdentityProvider) => Promise<ReturnType<typeof acceleratorLists>>;
  readonly close: () => void;
}

/** Where nothing names a Region: the one that every account has. */
const FIRST_REGION = "us-east-1";
/** The API of accelerators is in one Region, wherever they lead (aws.md C.1). */
const ACCELERATORS_REGION = "us-west-2";
/** Organisations have one endpoint in each partition. */
const ORGANIZATIONS_REGION: Readonly<Record<string, string>> = {
  "aws-cn": "cn-northwest-1",
  "aws-us-gov": "us-gov-west-1",
};

/** Times in milliseconds. Without the last word a late answer would only be warned about. */
const TIMES = { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true } as const;
const SOCKETS = { keepAlive: true, maxSockets: 128 } as const;

export const clients = async (profile: string | undefined): Promise<Clients> => {
  const sts = await import("@aws-sdk/client-sts");
  const first = new sts.STSClient({
    requestHandler: { ...TIMES, httpAgent: SOCKETS, httpsAgent: SOCKETS },
    ...(profile === undefined ? {} : { profile }),
  });
  const home = await first.config.region().catch(() => FIRST_REGION);
  // Tries are counted and paced here, so the SDK itself tries once.
  const common = { requestHandler: first.config.requestHandler, maxAttempts: 1, customUserAgent: "sallyport" };
  const ec2 = async (credentials: AwsCredentialIdentityProvider, region: string) => {
    const [sdk, protocol] = await Promise.all([import("@aws-sdk/client-ec2"), ec2Protocol()]);
    const client = new sdk.EC2Client({ ...common, region, credentials, protocol });
    // Nobody reads its log, and it copies every answer to take out of it what must not be logged.
    client.middlewareStack.remove("loggerMiddleware");
    return { sdk, client };
  };
  return {
    home,
    identity: (credentials) => identityLists(sts, new sts.STSClient({ ...common, region: home, credentials })),
    organization: async (credentials, partition) => {
      const sdk = await import("@aws-sdk/client-organizations");
      const region = ORGANIZATIONS_REGION[partition] ?? FIRST_REGION;
      return organizationLists(sdk, new sdk.OrganizationsClient({ ...common, region, credentials }));
    },
    regions: async (credentials) => {
      const { sdk, client } = await ec2(credentials, home);
      return regionLists(sdk, client);
    },
    services: async (credentials, region) => {
      const [own, balancing, classic, managing] = await Promise.all([
        ec2(credentials, region),
        import("@aws-sdk/client-elastic-load-balancing-v2"),
        import("@aws-sdk/client-elastic-load-balancing"),
        import("@aws-sdk/client-ssm"),
      ]);
      const how = { ...common, region, credentials };
      return {
        ec2: ec2Lists(own.sdk, own.client),
        balancing: balancerLists(balancing, new balancing.ElasticLoadBalancingV2Client(how)),
        classic: classicLists(classic, new classic.ElasticLoadBalancingClient(how)),
        managed: managedLists(managing, new managing.SSMClient(how)),
      };
    },
    accelerators: async (credentials) => {
      const sdk = await import("@aws-sdk/client-global-accelerator");
      const client = new sdk.GlobalAcceleratorClient({ ...common, region: ACCELERATORS_REGION, credentials });
      return acceleratorLists(sdk, client);
    },
    close: () => first.destroy(),
  };
};
