import type { Policy } from "#model/provider.ts";
import { permissions } from "./permissions.ts";

/** The role that is written out here, and that is taken on unless another is named. */
export const ROLE = "SallyportReader";

/** Calls that tell who asks and what there is to read, beside those whose answers are read. */
const TO_BEGIN = ["ec2:DescribeRegions", "sts:GetCallerIdentity"];

/** What must be allowed in an account that is read. */
export const actions: readonly string[] = [
  ...new Set([...permissions.map(({ call }) => call), ...TO_BEGIN]),
].toSorted();

/** What the account that asks needs besides, to read a whole organisation. */
export const hubActions = ["organizations:ListAccounts", "sts:AssumeRole"] as const;

/** An account that stands for the one that asks, where it is not named. */
const HUB = "111122223333";

const statement = (allowed: readonly string[], resource: string): object => ({
  Effect: "Allow",
  Action: allowed,
  Resource: resource,
});

const document = (...statements: readonly object[]): object => ({ Version: "2012-10-17", Statement: statements });

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** In every partition: China and GovCloud call theirs by other names. */
const hubStatements = (role: string): readonly object[] => [
  statement([hubActions[0]], "*"),
  statement([hubActions[1]], `arn:*:iam::*:role/${role}`),
];

/** An account that is named by its number is the same in every partition. */
const trust = (hub: string): object => document({ Effect: "Allow", Principal: { AWS: hub }, Action: "sts:AssumeRole" });

export const policies: Readonly<Record<string, Policy>> = {
  policy: {
    says: "the least policy for one account",
    text: () => json(document(statement(actions, "*"))),
  },
  "hub-policy": {
    says: "what the account that asks needs besides, for an organisation",
    text: (_hub, role = ROLE) => json(document(...hubStatements(role))),
  },
  trust: {
    says: "the trust policy of the role in each account",
    text: (hub = HUB) => json(trust(hub)),
  },
  cloudformation: {
    says: "the role, as a CloudFormation template for every account of an organisation",
    text: (hub = HUB, role = ROLE) => cloudFormation(hub, role),
  },
  terraform: {
    says: "the role, as Terraform",
    text: (hub = HUB, role = ROLE) => terraform(hub, role),
  },
};

/** JSON is YAML too, and has nothing that could be indented wrongly. */
const cloudFormation = (hub: string, role: string): string =>
  json({
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "A role that lets Sallyport read how the network is built. It can change nothing.",
    Parameters: {
      Hub: { Type: "String", Default: hub, AllowedPattern: "[0-9]{12}", Description: "The account that asks" },
      RoleName: { Type: "String", Default: role },
    },
    Resources: {
      Reader: {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: { Ref: "RoleName" },
          MaxSessionDuration: 3600,
          AssumeRolePolicyDocument: document({
            Effect: "Allow",
            Principal: { AWS: { "Fn::Sub": "arn:${AWS::Partition}:iam::${Hub}:root" } },
            Action: "sts:AssumeRole",
          }),
          Policies: [{ PolicyName: "read-the-network", PolicyDocument: document(statement(actions, "*")) }],
        },
      },
    },
    Outputs: { RoleArn: { Value: { "Fn::GetAtt": ["Reader", "Arn"] } } },
  });

const terraform = (hub: string, role: string): string => `variable "hub" {
  description = "The account that asks"
  type        = string
  default     = "${hub}"
}

data "aws_partition" "current" {}

resource "aws_iam_role" "sallyport" {
  name                 = "${role}"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:\${data.aws_partition.current.partition}:iam::\${var.hub}:root" }
    }]
  })
}

resource "aws_iam_role_policy" "sallyport" {
  name = "read-the-network"
  role = aws_iam_role.sallyport.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Resource = "*"
      Action = [
${actions.map((action) => `        "${action}",`).join("\n")}
      ]
    }]
  })
}
`;
