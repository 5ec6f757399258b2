import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { REGION } from "./cloud.ts";

const execute = promisify(execFile);

const CALLS = [
  "describe-instances",
  "describe-network-interfaces",
  "describe-security-groups",
  "describe-security-group-rules",
  "describe-network-acls",
  "describe-route-tables",
  "describe-subnets",
  "describe-vpcs",
  "describe-internet-gateways",
  "describe-addresses",
  "describe-managed-prefix-lists",
  "describe-vpc-peering-connections",
] as const;

/** The real command line, with nothing of the person's own configuration. */
const ask = async (aws: string, endpoint: string, words: readonly string[]): Promise<string> => {
  const { stdout } = await execute(aws, ["ec2", ...words, "--endpoint-url", endpoint, "--output", "json"], {
    maxBuffer: 64 * 2 ** 20,
    timeout: 30_000,
    env: {
      PATH: process.env["PATH"],
      HOME: "/nonexistent",
      AWS_ACCESS_KEY_ID: "testing",
      AWS_SECRET_ACCESS_KEY: "testing",
      AWS_DEFAULT_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_PAGER: "",
    },
  });
  return stdout;
};

/** What the command line prints of the Region, each answer in a file of its own, unchanged. */
export const dump = async (aws: string, endpoint: string, lists: readonly string[], folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const waiting = [
    ...CALLS.map((call) => [`${call}.json`, [call]] as const),
    ...lists.map((list) => [`${list}.json`, ["get-managed-prefix-list-entries", "--prefix-list-id", list]] as const),
  ].values();
  const worker = async (): Promise<void> => {
    for (const [name, words] of waiting) await writeFile(join(folder, name), await ask(aws, endpoint, words));
  };
  await Promise.all(Array.from({ length: 4 }, worker));
};
