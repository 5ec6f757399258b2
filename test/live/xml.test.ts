import * as sdk from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { assert, property, string } from "fast-check";
import { PRINTED, ec2Protocol } from "#providers/aws/collect/ec2-protocol.ts";
import type { Member, Shape } from "#providers/aws/collect/xml.ts";
import { BrokenXml, printXml } from "#providers/aws/collect/xml.ts";
import { smallEstate } from "./estate.ts";
import type { LiveServer } from "./server.ts";
import { serve } from "./server.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const text: Shape = { is: "text" };
const number: Shape = { is: "number" };
const boolean: Shape = { is: "boolean" };
const list = (item: string, of: Shape): Shape => ({ is: "list", item: bytes(item), of: () => of });
const struct = (members: Readonly<Record<string, readonly [name: string, shape: Shape]>>): Shape => ({
  is: "struct",
  members: Object.entries(members).map(
    ([tag, [name, shape]]): Member => ({
      tag: bytes(tag),
      key: bytes(`"${name}":`),
      name,
      shape: () => shape,
      isId: name === "GroupId",
    }),
  ),
});

const group = struct({ groupId: ["GroupId", text], ports: ["Ports", list("item", number)], open: ["Open", boolean] });
const answer = struct({ groupSet: ["Groups", list("item", group)], nextToken: ["NextToken", text] });

const read = (xml: string, shape: Shape = answer): unknown =>
  JSON.parse(new TextDecoder().decode(printXml(bytes(xml), shape).json));

describe("what XML is printed as", () => {
  const rows: readonly (readonly [sentence: string, xml: string, json: unknown])[] = [
    ["an empty answer is an empty object", "<R/>", {}],
    ["a list with nothing in it is empty", "<R><groupSet/></R>", { Groups: [] }],
    ["a list that is not there is not there", "<R><nextToken>a</nextToken></R>", { NextToken: "a" }],
    ["an element that nobody knows is passed over", "<R><x><item>1</item><x/></x><groupSet/></R>", { Groups: [] }],
    ["attributes are passed over", '<R xmlns="http://a/b/"><groupSet a="/"/></R>', { Groups: [] }],
    ["the prologue is passed over", '<?xml version="1.0"?>\n<R><groupSet/></R>\n', { Groups: [] }],
    ["an empty text is empty", "<R><nextToken/></R>", { NextToken: "" }],
    ["an empty number is not there", "<R><groupSet><item><open/></item></groupSet></R>", { Groups: [{}] }],
    [
      "numbers and truth are no texts",
      "<R><groupSet><item><ports><item>22</item><item>-1</item><item>0</item><item>1.5</item></ports><open>true</open></item></groupSet></R>",
      { Groups: [{ Ports: [22, -1, 0, 1.5], Open: true }] },
    ],
    [
      "signs are what they stand for",
      "<R><nextToken>&lt;a&amp;b&gt; &quot;&#x20AC;&#8364;&quot; \\ \u00e9</nextToken></R>",
      { NextToken: '<a&b> "€€" \\ é' },
    ],
  ];
  test.each(rows)("%s", (_sentence, xml, json) => {
    expect(read(xml)).toEqual(json);
  });

  test("any text comes through as it is", () => {
    const escaped = (value: string): string =>
      value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
    assert(
      property(string({ unit: "binary" }), (value) => {
        expect(read(`<R><nextToken>${escaped(value)}</nextToken></R>`)).toEqual({ NextToken: value });
      }),
    );
  });

  test("the token and what tells things apart are at hand", () => {
    const xml = "<R><groupSet><item><groupId>sg-1</groupId></item></groupSet><nextToken>a&amp;b</nextToken></R>";
    const { texts, ids } = printXml(bytes(xml), answer);
    expect([texts.get("NextToken"), ids]).toEqual(["a&b", ["sg-1"]]);
  });
});

describe("what is no answer is never taken for one", () => {
  const whole =
    "<R><groupSet><item><groupId>sg-1</groupId><ports><item>22</item></ports></item></groupSet><y><z/></y></R>";
  test("it ends in the middle, wherever that is", () => {
    for (let end = 0; end < whole.length; end++) expect(() => read(whole.slice(0, end))).toThrow(BrokenXml);
    expect(read(whole)).toEqual({ Groups: [{ GroupId: "sg-1", Ports: [22] }] });
  });
  test.each([
    ["elements that do not nest", "<R><groupSet><item></groupSet></item></R>"],
    ["a page for people", "<html><body><p>Sorry<br></body></html>"],
    ["more behind the end", "<R/><R/>"],
    ["a number that is none", "<R><groupSet><item><ports><item>many</item></ports></item></groupSet></R>"],
    ["a truth that is none", "<R><groupSet><item><open>perhaps</open></item></groupSet></R>"],
    ["nothing at all", ""],
  ])("%s", (_sentence, xml) => {
    expect(() => read(xml)).toThrow(BrokenXml);
  });
});

describe("what the SDK reads and what is printed are the same", () => {
  let server: LiveServer;
  beforeAll(async () => {
    server = await serve(smallEstate);
  });
  afterAll(() => server.close());

  type Ask = (client: sdk.EC2Client) => Promise<object>;
  const calls: Readonly<Record<string, Ask>> = {
    DescribeAddresses: (client) => client.send(new sdk.DescribeAddressesCommand({})),
    DescribeInstanceConnectEndpoints: (client) => client.send(new sdk.DescribeInstanceConnectEndpointsCommand({})),
    DescribeInstances: (client) => client.send(new sdk.DescribeInstancesCommand({})),
    DescribeInternetGateways: (client) => client.send(new sdk.DescribeInternetGatewaysCommand({})),
    DescribeManagedPrefixLists: (client) => client.send(new sdk.DescribeManagedPrefixListsCommand({})),
    DescribeNetworkAcls: (client) => client.send(new sdk.DescribeNetworkAclsCommand({})),
    DescribeNetworkInterfaces: (client) => client.send(new sdk.DescribeNetworkInterfacesCommand({})),
    DescribeRegions: (client) => client.send(new sdk.DescribeRegionsCommand({})),
    DescribeRouteTables: (client) => client.send(new sdk.DescribeRouteTablesCommand({})),
    DescribeSecurityGroupRules: (client) => client.send(new sdk.DescribeSecurityGroupRulesCommand({})),
    DescribeSecurityGroups: (client) => client.send(new sdk.DescribeSecurityGroupsCommand({})),
    DescribeSubnets: (client) => client.send(new sdk.DescribeSubnetsCommand({})),
    DescribeVpcBlockPublicAccessOptions: (client) =>
      client.send(new sdk.DescribeVpcBlockPublicAccessOptionsCommand({})),
    DescribeVpcPeeringConnections: (client) => client.send(new sdk.DescribeVpcPeeringConnectionsCommand({})),
    DescribeVpcs: (client) => client.send(new sdk.DescribeVpcsCommand({})),
  };
  test.each(Object.entries(calls))("%s", async (_name, ask) => {
    const common = {
      endpoint: server.url,
      region: "eu-west-1",
      credentials: { accessKeyId: "AKIAHARBOURREADER001", secretAccessKey: "x" },
    };
    const [stock, ours] = [new sdk.EC2Client(common), new sdk.EC2Client({ ...common, protocol: await ec2Protocol() })];
    const [expected, printed] = await Promise.all([ask(stock), ask(ours)]);
    if (!(PRINTED in printed)) throw new Error("it was not printed");
    const page: unknown = printed[PRINTED];
    if (typeof page !== "object" || page === null || !("json" in page) || !(page.json instanceof Uint8Array))
      throw new Error("it has no page");
    const now: unknown = JSON.parse(new TextDecoder().decode(page.json));
    expect(now).toEqual(JSON.parse(JSON.stringify({ ...expected, $metadata: undefined })));
  });
});
