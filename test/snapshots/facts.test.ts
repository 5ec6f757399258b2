import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { STACK, ask, gapCodes, told, verdictOf, why } from "./ask.ts";
import type { Json } from "./folder.ts";
import { BLOCKED, OPEN, at, changed, copyOf, edit, filesIn, places, readJson, writeJson } from "./folder.ts";

const GROUPS = "security-groups.json";
const RULE = "/SecurityGroups/1/IpPermissions/0";
const RANGE = `${RULE}/IpRanges/0/CidrIp`;
const ACLS = "network-acls.json";
const INBOUND = "/NetworkAcls/0/Entries/1";
const TABLES = "route-tables.json";
const ROUTE = "/RouteTables/1/Routes/0/DestinationCidrBlock";
const INTERFACES = "network-interfaces.json";
const INTERFACE = "/NetworkInterfaces/0";

const tcp = (from: Json, to: Json): Json => ({
  CidrBlock: "0.0.0.0/0",
  Egress: false,
  PortRange: { From: from, To: to },
  Protocol: "6",
  RuleAction: "allow",
  RuleNumber: 100,
});

type Edit = readonly [file: string, pointer: string, value: Json | undefined];

const folderWith = (edits: readonly Edit[], fixture = OPEN): string => {
  const folder = copyOf(fixture);
  for (const [file, pointer, value] of edits) edit(folder, file, pointer, value);
  return folder;
};

describe("what does not say clearly what it means leaves the verdict unknown, and is named", () => {
  test.each<readonly [string, string, RegExp, ...(readonly Edit[])]>([
    [
      "a CIDR with host bits in a group",
      "fact/host-bits",
      /203\.0\.113\.9\/16 in security-groups\.json/,
      [GROUPS, RANGE, "203.0.113.9/16"],
    ],
    [
      "a CIDR with host bits in an ACL",
      "fact/host-bits",
      /203\.0\.113\.9\/8 /,
      [ACLS, `${INBOUND}/CidrBlock`, "203.0.113.9/8"],
    ],
    ["a CIDR with host bits in a route", "fact/host-bits", /203\.0\.113\.9\/8 /, [TABLES, ROUTE, "203.0.113.9/8"]],
    ["the port range 25-22 in a group", "fact/not-a-port-range", /25-22/, [GROUPS, `${RULE}/FromPort`, 25]],
    ["the port range 25-22 in an ACL", "fact/not-a-port-range", /25-22/, [ACLS, INBOUND, tcp(25, 22)]],
    ["port 70000 in a group", "fact/not-a-port-range", /22-70000/, [GROUPS, `${RULE}/ToPort`, 70_000]],
    ["port 70000 in an ACL", "fact/not-a-port-range", /22-70000/, [ACLS, INBOUND, tcp(22, 70_000)]],
    ["half a port in a group", "fact/not-a-port-range", /21\.5/, [GROUPS, `${RULE}/FromPort`, 21.5]],
    [
      "an address that is none in a group",
      "fact/not-an-address",
      /203\.0\.113\.999/,
      [GROUPS, RANGE, "203.0.113.999/32"],
    ],
    [
      "a word for an address in an ACL",
      "fact/not-an-address",
      /"anywhere"/,
      [ACLS, `${INBOUND}/CidrBlock`, "anywhere"],
    ],
    [
      "an address without a length in a group",
      "fact/not-an-address",
      /"203\.0\.113\.9"/,
      [GROUPS, RANGE, "203.0.113.9"],
    ],
    ["an address that is none in a route", "fact/not-an-address", /"0\.0\.0\.0\/33"/, [TABLES, ROUTE, "0.0.0.0/33"]],
    ["a rule without an address", "fact/not-an-address", /IpRanges\/0/, [GROUPS, RANGE, undefined]],
    [
      "a public address that is none on an interface",
      "fact/not-an-address",
      /198\.51\.100\.777/,
      [INTERFACES, `${INTERFACE}/Association/PublicIp`, "198.51.100.777"],
      [INTERFACES, `${INTERFACE}/PrivateIpAddresses/0/Association/PublicIp`, "198.51.100.777"],
    ],
    ["a protocol that is none in a group", "fact/not-a-protocol", /"http"/, [GROUPS, `${RULE}/IpProtocol`, "http"]],
    ["protocol 256 in an ACL", "fact/not-a-protocol", /"256"/, [ACLS, `${INBOUND}/Protocol`, "256"]],
    [
      "an ACL entry that neither allows nor denies",
      "fact/not-an-action",
      /"maybe"/,
      [ACLS, `${INBOUND}/RuleAction`, "maybe"],
    ],
    ["a rule number that stands twice", "fact/rule-number", /acl-/, [ACLS, "/NetworkAcls/0/Entries/3/RuleNumber", 100]],
    [
      "an interface whose subnet is not there",
      "fact/not-in-list",
      /subnet-gone/,
      [INTERFACES, `${INTERFACE}/SubnetId`, "subnet-gone"],
    ],
    [
      "an interface whose group is not there",
      "fact/not-in-list",
      /sg-gone/,
      [INTERFACES, `${INTERFACE}/Groups/0/GroupId`, "sg-gone"],
    ],
  ])("%s", async (_what, code, named, ...edits) => {
    const folder = folderWith(edits);
    const asked = await why(folder, "--json");
    expect([verdictOf(asked), gapCodes(asked)]).toEqual(["unknown", expect.arrayContaining([code])]);
    const text = await why(folder);
    expect(text.out).toMatch(named);
    expect(`${text.out}${text.err}`).not.toMatch(STACK);
    expect([0, 1, 3]).toContain((await ask("audit", "--snapshot", folder)).code);
    expect((await ask("who", "web-1", "--snapshot", folder)).code).toBe(0);
  });
});

describe("what is written in another type than the cloud's is not read as everything", () => {
  test.each<readonly [string, readonly Edit[], readonly string[]]>([
    [
      "a port as a text",
      [
        [GROUPS, `${RULE}/FromPort`, "22"],
        [GROUPS, `${RULE}/ToPort`, "22"],
      ],
      ["--port", "443"],
    ],
    ["a first port as a text", [[GROUPS, `${RULE}/FromPort`, "22"]], ["--port", "7"]],
    ["a port alone", [[GROUPS, `${RULE}/FromPort`, undefined]], ["--port", "7"]],
    ["a protocol as a number", [[GROUPS, `${RULE}/IpProtocol`, 17]], []],
    ["a rule without a protocol", [[GROUPS, `${RULE}/IpProtocol`, undefined]], ["--port", "443"]],
    ["ports of an ACL as a text", [[ACLS, INBOUND, tcp("443", "443")]], []],
    ["a protocol of an ACL as a number", [[ACLS, `${INBOUND}/Protocol`, 17]], []],
    [
      "an ACL entry without a protocol",
      [[ACLS, INBOUND, { CidrBlock: "0.0.0.0/0", Egress: false, RuleAction: "allow", RuleNumber: 100 }]],
      [],
    ],
  ])("%s", async (_what, edits, more) => {
    expect(verdictOf(await why(folderWith(edits), ...more))).not.toBe("reachable");
  });

  test.each<readonly [string, readonly Edit[]]>([
    [
      "a port as a text",
      [
        [GROUPS, `${RULE}/FromPort`, "22"],
        [GROUPS, `${RULE}/ToPort`, "22"],
      ],
    ],
    ["a protocol as a number", [[GROUPS, `${RULE}/IpProtocol`, 6]]],
    ["gateways that are no list", [["internet-gateways.json", "/InternetGateways", { InternetGatewayId: "igw-1" }]]],
    ["interfaces that are no list", [[INTERFACES, "/NetworkInterfaces", "none"]]],
    ["entries that are no list", [[ACLS, "/NetworkAcls/0/Entries", "all"]]],
    ["rules that are no list", [[GROUPS, "/SecurityGroups/1/IpPermissions", "ssh"]]],
  ])("%s, and not as nothing either", async (_what, edits) => {
    expect(verdictOf(await why(folderWith(edits)))).not.toBe("blocked");
  });

  test("a number of an ACL entry as a text does not put a deny last", async () => {
    const deny = { CidrBlock: "0.0.0.0/0", Egress: false, Protocol: "-1", RuleAction: "deny", RuleNumber: "90" };
    const folder = folderWith([[ACLS, "/NetworkAcls/0/Entries/4", deny]]);
    expect(verdictOf(await why(folder))).not.toBe("reachable");
  });
});

describe("the same thing twice", () => {
  const copies: readonly (readonly [string, string])[] = filesIn(copyOf(OPEN)).map((file) => [
    file.replace(".json", "").replaceAll("-", " "),
    file,
  ]);
  test.each(copies)("is the same thing: %s", async (_what, file) => {
    const folder = copyOf(OPEN);
    copyFileSync(join(folder, file), join(folder, "copy.json"));
    const asked = await why(folder);
    expect([asked.err, verdictOf(asked)]).toEqual(["", "reachable"]);
  });

  test.each([
    ["group", GROUPS, "/SecurityGroups/1/IpPermissions", "sg-00ee3097251c489aa"],
    ["ACL", ACLS, "/NetworkAcls/0/Entries", "acl-08316333b8bb0ae94"],
    ["route table", TABLES, "/RouteTables/1/Routes", "rtb-007b93bc41daaeeb7"],
    ["interface", INTERFACES, `${INTERFACE}/Groups`, "eni-072e5e97dbcaaf5d6"],
    ["machine", "instances.json", "/Reservations/0/Instances/0/State", "i-01f28dd44b94d7c6e"],
    ["subnet", "subnets.json", "/Subnets/0/OwnerId", "subnet-0238e36be509fd2ee"],
    ["gateway", "internet-gateways.json", "/InternetGateways/0/Attachments", "igw-0e3742bbe932384a5"],
  ])("and another each time leaves the verdict unknown: %s", async (_what, file, pointer, id) => {
    const before = copyOf(OPEN);
    const folder = copyOf(OPEN);
    writeJson(changed(readJson(before, file), pointer, undefined), folder, "other.json");
    for (const [first, second] of [
      [file, "other.json"],
      ["other.json", file],
    ] as const) {
      const turned = copyOf(OPEN);
      copyFileSync(join(folder, first), join(turned, "a.json"));
      copyFileSync(join(folder, second), join(turned, "b.json"));
      rmSync(join(turned, file));
      const asked = await why(turned, "--json");
      expect([verdictOf(asked), gapCodes(asked)]).toEqual([
        "unknown",
        expect.arrayContaining(["fact/contradicts-itself"]),
      ]);
      expect(asked.out).toContain(`${id} stands in the snapshot twice, and differs: in a.json#`);
    }
  });

  test("a VPC that differs is told of by the audit", async () => {
    const folder = copyOf(OPEN);
    writeJson(changed(readJson(folder, "vpcs.json"), "/Vpcs/0/CidrBlock", "10.99.0.0/16"), folder, "other.json");
    expect(gapCodes(await ask("audit", "--json", "--snapshot", folder))).toContain("fact/contradicts-itself");
  });

  test.each<readonly [string, string, string, string, string, string]>([
    ["ACLs that both claim a subnet", ACLS, "/NetworkAcls/0", "NetworkAclId", "acl-other", "Entries"],
    ["route tables that both claim a subnet", TABLES, "/RouteTables/1", "RouteTableId", "rtb-other", "Routes"],
    [
      "gateways that both claim a VPC",
      "internet-gateways.json",
      "/InternetGateways/0",
      "InternetGatewayId",
      "igw-other",
      "",
    ],
  ])("two %s leave the verdict unknown", async (_what, file, pointer, member, id, rules) => {
    const verdicts = [];
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const folder = copyOf(OPEN);
      const thing = at(readJson(folder, file), pointer) ?? null;
      const named = changed(thing, `/${member}`, id);
      const other = rules === "" ? named : changed(named, `/${rules}`, []);
      const both = [thing, other];
      const [list = ""] = pointer.split("/").slice(1);
      writeJson({ [list]: order.map((i) => both[i] ?? null) }, folder, file);
      verdicts.push(verdictOf(await why(folder)));
    }
    expect(verdicts).toEqual(["unknown", "unknown"]);
  });
});

describe("absent, null and empty", () => {
  const members = (fixture: string): readonly (readonly [file: string, pointer: string, value: Json])[] => {
    const folder = copyOf(fixture);
    return filesIn(folder).flatMap((file) =>
      [...places(readJson(folder, file))].map(([pointer, value]) => [file, pointer, value] as const),
    );
  };
  const isMember = (pointer: string): boolean => !/\/\d+$/.test(pointer);
  const kinds: readonly (readonly [string, string, string])[] = [
    ["of a blocked machine", BLOCKED, "reachable"],
    ["of an open machine", OPEN, "none"],
  ];

  test.each(kinds)(
    "are one and the same for every member %s",
    async (_whose, fixture, never) => {
      const odd: string[] = [];
      for (const [file, pointer, value] of members(fixture).filter((each) => isMember(each[1]))) {
        const empty = Array.isArray(value) ? [[]] : typeof value === "string" ? [""] : [];
        const folder = copyOf(fixture);
        const before = readJson(folder, file);
        const verdicts = [];
        for (const made of [undefined, null, ...empty]) {
          if (pointer.split("/").length === 2 && made === undefined) continue; // a document without its key is another one
          writeJson(changed(before, pointer, made), folder, file);
          const asked = await ask("why", "i-01f28dd44b94d7c6e", "--from", "203.0.113.9", "--snapshot", folder);
          if (STACK.test(`${asked.out}${asked.err}`))
            odd.push(`${file}${pointer}: ${/.*undefined.*/.exec(asked.out)?.[0].trim() ?? "a stack"}`);
          verdicts.push(verdictOf(asked));
        }
        rmSync(folder, { recursive: true });
        if (new Set(verdicts).size > 1 || verdicts.includes(never))
          odd.push(`${file}${pointer}: ${verdicts.join(", ")}`);
      }
      expect(odd).toEqual([]);
    },
    30_000,
  );

  test.each([
    ["opens nothing", BLOCKED, "reachable"],
    ["closes nothing", OPEN, "blocked"],
  ])("null in the place of a rule, an entry or a route %s", async (_what, fixture, never) => {
    const rules = /\/(?:IpPermissions|IpRanges|Entries|Routes|Groups|Associations|Attachments)\/\d+$/;
    const odd: string[] = [];
    for (const [file, pointer] of members(fixture).filter((each) => rules.test(each[1]))) {
      const folder = folderWith([[file, pointer, null]], fixture);
      const asked = await ask("why", "i-01f28dd44b94d7c6e", "--from", "203.0.113.9", "--snapshot", folder);
      rmSync(folder, { recursive: true });
      if (verdictOf(asked) === never) odd.push(`${file}${pointer}`);
    }
    expect(odd).toEqual([]);
  });
});

test("pages of a prefix list that say that more follow are not the whole list", async () => {
  const fixture = "a-prefix-list-that-holds-the-internet-is-the-internet";
  const folder = copyOf(fixture);
  const [file = ""] = filesIn(folder).filter((name) => name.includes("pl-"));
  writeJson({ Entries: [], NextToken: "more" }, folder, file);
  const asked = await why(folder);
  expect(told(asked.err)).toEqual([]);
  expect(verdictOf(asked)).toBe("unknown");
});
