import { describe, expect, test } from "@jest/globals";
import type { Gate, Rule } from "#model/gate.ts";
import { exactly, perhaps } from "#model/match.ts";
import { parseAddress } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, client, clientPorts, clients, everything, machine, nothing, ports } from "#packets/set.ts";
import { closest } from "#resolve/closest.ts";
import { prefix } from "../oracle/told.ts";
import { list, rule } from "../oracle/world.ts";

const from = (...texts: readonly string[]): PacketSet => anyOf(texts.map((text) => clients(prefix(text))));
const at = (text: string): PacketSet => {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return client(address);
};
const dialled = (text: string): PacketSet => {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return machine(address);
};
const all = (...sets: readonly PacketSet[]): PacketSet => sets.reduce(and, everything);
const ssh = ports(6, 22, 22);
const asked = all(at("203.0.113.9"), ssh, clientPorts(1024, 65_535), dialled("10.0.0.5"));
const asked6 = all(at("2001:db8::9"), ssh, clientPorts(1024, 65_535), dialled("2001:db8:1::5"));
const allows = (name: string, set: PacketSet): Rule => rule(exactly(set), "allow", name);
const group = (...rules: readonly Rule[]): Gate => list(rules, "leave");

const near = (gate: Gate, set: PacketSet = asked, family: 4 | 6 = 4) =>
  closest(gate, set, family).map(({ rule: { name }, differs, sharedBits }) => [name, differs, sharedBits]);

const gap = { kind: "missing", code: "test", says: "", costs: "", fix: "" } as const;

describe("for 203.0.113.9 that asks tcp/22, the closest rule is", () => {
  test.each([
    ["for a neighbour's address: another client, 28 bits shared", from("203.0.113.6/32"), ssh, ["client"], 28],
    ["for the address beside it: 31 bits shared", from("203.0.113.8/32"), ssh, ["client"], 31],
    ["for the next /24: 23 bits shared", from("203.0.112.0/24"), ssh, ["client"], 23],
    ["for the other half of IPv4: no bit shared", from("10.0.0.0/8"), ssh, ["client"], 0],
    [
      "for several networks: as many bits as the nearest shares",
      from("10.0.0.0/8", "203.0.113.0/30", "192.0.2.0/24"),
      ssh,
      ["client"],
      28,
    ],
    ["for the client and another port", from("203.0.113.9/32"), ports(6, 443, 443), ["service"], 32],
    ["for the client and another protocol", from("203.0.113.0/24"), ports(17, 22, 22), ["service"], 32],
    ["for a neighbour and another port", from("203.0.113.6/32"), ports(6, 443, 443), ["client", "service"], 28],
    ["for the client, behind what decides before it", from("203.0.113.0/24"), ssh, ["order"], 32],
    ["for other ports of the client's", all(from("203.0.113.9/32"), clientPorts(0, 1023)), ssh, ["clientPort"], 32],
    [
      "for other ports of another client's",
      all(from("203.0.113.6/32"), clientPorts(0, 1023)),
      ssh,
      ["client", "clientPort"],
      28,
    ],
  ] as const)("%s", (_what, clientsOfRule, services, differs, sharedBits) => {
    expect(near(group(allows("sgr-0f", and(clientsOfRule, services))))).toEqual([["sgr-0f", differs, sharedBits]]);
  });
});

describe("no rule is close that", () => {
  test.each([
    ["is of the other family", group(allows("sgr-6", and(from("::/0"), ssh)))],
    ["admits another machine only", group(allows("sgr-1", all(from("203.0.113.9/32"), ssh, dialled("10.0.0.6"))))],
    ["admits nobody", group(allows("sgr-0", nothing))],
    ["stops", group(rule(exactly(and(from("203.0.113.6/32"), ssh)), "timeout", "100"))],
    ["leaves", group(rule(exactly(and(from("203.0.113.6/32"), ssh)), "leave", "100"))],
    ["is not there", group()],
  ])("%s", (_what, gate) => {
    expect(near(gate)).toEqual([]);
  });
});

test("IPv6 clients share bits of 128", () => {
  expect(near(group(allows("sgr-6", and(from("2001:db8::6/128"), ssh))), asked6, 6)).toEqual([
    ["sgr-6", ["client"], 124],
  ]);
  expect(near(group(allows("sgr-6", and(from("2001:db8:1::/48"), ssh))), asked6, 6)).toEqual([
    ["sgr-6", ["client"], 47],
  ]);
  expect(near(group(allows("sgr-6", and(from("::/0"), ports(6, 80, 80)))), asked6, 6)).toEqual([
    ["sgr-6", ["service"], 128],
  ]);
});

test("a rule for a neighbour comes before one for another port, and that before one for strangers; three are named", () => {
  const gate = group(
    allows("far and another port", and(from("10.0.0.0/8"), ports(6, 80, 80))),
    allows("far", and(from("10.0.0.0/8"), ssh)),
    allows("near", and(from("203.0.113.6/32"), ssh)),
    allows("another port", and(from("203.0.113.9/32"), ports(6, 80, 80))),
    allows("nearer", and(from("203.0.113.8/32"), ssh)),
  );
  expect(near(gate).map(([name]) => name)).toEqual(["nearer", "near", "another port"]);
  expect(closest(gate, asked, 4, 1)).toHaveLength(1);
  expect(closest(gate, asked, 4, 9)).toHaveLength(5);
});

test("a rule behind a deny matches, and only its order is wrong", () => {
  const deny = rule(exactly(from("203.0.113.0/24")), "timeout", "100");
  expect(near(list([deny, allows("200", from("0.0.0.0/0"))], "timeout"))).toEqual([["200", ["order"], 32]]);
});

test("rules of gates within are close too, wherever they stand", () => {
  const inner = group(allows("inner", and(from("203.0.113.6/32"), ssh)));
  const met = [["inner", ["client"], 28]];
  expect(near(list([rule(exactly(everything), inner, "sg")], "timeout"))).toEqual(met);
  expect(near(list([rule(exactly(everything), { goto: inner }, "sg")], "timeout"))).toEqual(met);
  expect(near({ every: [group(), inner] })).toEqual(met);
});

test("a rule that was not fully read is judged by what it may admit", () => {
  const gate = group(rule(perhaps(and(from("203.0.113.0/29"), ssh), gap), "allow", "pl-office"));
  expect(near(gate)).toEqual([["pl-office", ["client"], 28]]);
});
