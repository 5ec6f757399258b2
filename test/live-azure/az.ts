/** The real command line of Azure, logged in to a cloud on loopback. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { LiveServer } from "./server.ts";

/** Where it is, if it is there. No package brings it. */
export const az = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "az"))
  .find((path) => existsSync(path));

/** Prints an answer, as somebody would keep it in a file. */
export type Az = (words: readonly string[]) => Promise<string>;

/** Logs in, with a configuration of its own in the folder. */
export const loggedIn = async (path: string, server: LiveServer, home: string, subscription: string): Promise<Az> => {
  mkdirSync(home, { recursive: true });
  const printed: Az = async (words) => {
    const child = spawn(path, [...words, "--output", "json"], {
      env: {
        PATH: process.env["PATH"],
        HOME: home,
        AZURE_CONFIG_DIR: home,
        AZURE_CORE_COLLECT_TELEMETRY: "no",
        REQUESTS_CA_BUNDLE: server.authority,
        MSI_ENDPOINT: server.identity,
        MSI_SECRET: "any",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => void (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (err += text));
    const code = await new Promise((done) => child.on("close", done));
    if (code !== 0) throw new Error(`az ${words.join(" ")}: ${err}`);
    return out;
  };
  // Under its own profile Debian's command line cannot load its network commands.
  const profile = ["--profile", "2020-09-01-hybrid"];
  const ends = ["resource-manager", "active-directory-resource-id", "management", "active-directory-graph-resource-id"];
  const wheres = ends.flatMap((end) => [`--endpoint-${end}`, server.url]);
  const login = ["--endpoint-active-directory", `${server.url}/aad`];
  await printed(["cloud", "register", "--name", "Loopback", ...profile, ...wheres, ...login]);
  await printed(["cloud", "set", "--name", "Loopback", ...profile]);
  await printed(["login", "--identity"]);
  await printed(["account", "set", "--subscription", subscription]);
  return printed;
};

/** What it lists in a form of its own, and what the same answer is called in a snapshot. */
export const lists: readonly (readonly [words: string, list: string])[] = [
  ["network nsg list", "network-security-groups"],
  ["network nic list", "network-interfaces"],
  ["network public-ip list", "public-ip-addresses"],
  ["network public-ip prefix list", "public-ip-prefixes"],
  ["network vnet list", "virtual-networks"],
  ["network lb list", "load-balancers"],
  ["network application-gateway list", "application-gateways"],
  ["vm list", "virtual-machines"],
  ["vmss list", "virtual-machine-scale-sets"],
  ["vmss nic list --resource-group shop-rg --vmss-name workers", "scale-set-network-interfaces-workers"],
  ["vmss list-instance-public-ips --resource-group shop-rg --name workers", "scale-set-public-ip-addresses-workers"],
];
