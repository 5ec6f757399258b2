import type { Verb } from "./verb.ts";
import { factOptions, liveOptions, serviceOptions } from "./verb.ts";

/** Every verb, in the order of the help. A verb more is a row here and a file beside this one. */
export const verbs: readonly Verb[] = [
  {
    name: "why",
    says: "can this client reach this machine, and what stands in the way",
    subject: { name: "machine", says: "its id, name, address or interface id" },
    options: [{ flags: "--from <ip>", says: "the client's address" }, ...serviceOptions, ...factOptions],
    more: `
Exit codes: 0 reachable, 1 blocked, 3 unknown, 2 wrong usage or no such machine.

Examples:
  sallyport why web-1 --from 203.0.113.9 --snapshot ./aws
  sallyport why i-0abc --from 2001:db8::9 --port 443 --snapshot ./aws --json
  sallyport why 10.0.1.5 --from 10.0.2.7 --protocol icmp --snapshot ./aws`,
    load: () => import("./why.ts"),
  },
  {
    name: "who",
    says: "which sources can reach this machine on this port",
    subject: { name: "machine", says: "its id, name, address or interface id" },
    options: [...serviceOptions, ...factOptions],
    more: `
Exit codes: 0 answered, 2 wrong usage or no such machine.

Examples:
  sallyport who web-1 --snapshot ./aws
  sallyport who i-0abc --port 3389 --snapshot ./aws --json`,
    load: () => import("./who.ts"),
  },
  {
    name: "audit",
    says: "what of mine can the internet reach, and which rules are open",
    options: [
      {
        flags: "--fail-on <severity>",
        says: "exit 1 from this severity on: critical, high, medium or low",
        fallback: "high",
      },
      {
        flags: "--internet-share <part>",
        says: "from which part of all addresses on sources are the internet",
        fallback: "0.5",
      },
      { flags: "--exit-zero", says: "exit 0 whatever was found" },
      { flags: "--output <file>", says: "write the report to a file, whole or not at all" },
      { flags: "--format <name>", says: "text or json", fallback: "text" },
      ...factOptions,
    ],
    more: `
Exit codes: 1 findings at or above --fail-on, 0 none, 3 none but something could not be read, 2 wrong usage.

Examples:
  sallyport audit --snapshot ./aws
  sallyport audit --snapshot ./aws --json --fail-on critical > audit.json
  sallyport audit --aws --keep ./today`,
    load: () => import("./audit.ts"),
  },
  {
    name: "collect",
    says: "read the clouds and keep their answers as a snapshot",
    options: [
      { flags: "--output <dir>", says: "the folder of the snapshot, which must not be there yet" },
      ...liveOptions,
      { flags: "--json", says: "one JSON document on standard output" },
    ],
    more: `
Every call only reads. Exit codes: 0 all was answered, 3 something could not be read, 2 wrong usage or no credentials,
130 stopped by Ctrl-C: then nothing is left.

Examples:
  sallyport collect --aws --output ./snapshot
  sallyport collect --aws --profile prod --region eu-west-1 --output ./prod
  sallyport collect --aws --organization --role SallyportReader --output ./all
  sallyport collect --gcp --project shop-prod --project shop-net --output ./shop
  sallyport collect --azure --subscription shop-prod --output ./shop
  sallyport collect --aws --gcp --organization --output ./everything`,
    load: () => import("./collect.ts"),
  },
  {
    name: "doctor",
    says: "who am I in the clouds, what may I read, and what does each missing permission cost",
    options: [...liveOptions, { flags: "--json", says: "one JSON document on standard output" }],
    more: `
It asks a little of everything: one small page of each list, in every Region. Exit codes: 0 nothing is missing, 3 something
was refused, 2 wrong usage or no credentials.

Examples:
  sallyport doctor --aws
  sallyport doctor --aws --profile audit --organization
  sallyport doctor --gcp --project shop-prod
  sallyport doctor --azure`,
    load: () => import("./doctor.ts"),
  },
  {
    name: "permissions",
    says: "the calls that are read from one cloud, what is lost without each, and the least policy",
    subject: { name: "cloud", says: "aws, gcp or azure" },
    options: [
      {
        flags: "--format <name>",
        says: "text, json, terraform; of AWS policy, hub-policy, trust or cloudformation; of Google Cloud role; of Azure role, beside-reader or bicep",
        fallback: "text",
      },
      { flags: "--hub <account>", says: "the account that asks, for roles in other accounts" },
      { flags: "--role <name>", says: "the role's name" },
      { flags: "--json", says: "one JSON document on standard output" },
    ],
    more: `
Examples:
  sallyport permissions aws
  sallyport permissions aws --format policy > policy.json
  sallyport permissions aws --format cloudformation --hub 111122223333 > role.json
  sallyport permissions gcp --format role > role.yaml
  sallyport permissions azure --format role > role.json`,
    load: () => import("./permissions.ts"),
  },
  {
    name: "completion",
    says: "a completion script for a shell",
    subject: { name: "shell", says: "bash, zsh or fish" },
    options: [],
    more: `
Examples:
  sallyport completion zsh > "\${fpath[1]}/_sallyport"
  sallyport completion fish > ~/.config/fish/completions/sallyport.fish
  source <(sallyport completion bash)`,
    load: () => import("./completion.ts"),
  },
];
