import { describe, expect, test } from "@jest/globals";
import type { PacketSet } from "#packets/set.ts";
import { and, clientPorts, everything, icmp, minus, nothing, or, ports, protocol } from "#packets/set.ts";
import { formatClientPorts, formatServices, readPort, readProtocol } from "#packets/text.ts";

describe("services read", () => {
  test.each([
    ["tcp/22", ports(6, 22, 22)],
    ["tcp/22-80", ports(6, 22, 80)],
    ["tcp/22, udp/53", or(ports(6, 22, 22), ports(17, 53, 53))],
    ["tcp/0-65535", protocol(6)],
    ["sctp/0-65535", protocol(132)],
    ["tcp/0-21, tcp/23-65535", minus(protocol(6), ports(6, 22, 22))],
    ["icmp", protocol(1)],
    ["icmp type 8", icmp(1, 8)],
    ["icmp type 8 code 0", icmp(1, 8, 0)],
    ["icmpv6 type 128", icmp(58, 128)],
    ["icmp types 8 to 9", or(icmp(1, 8), icmp(1, 9))],
    ["gre", protocol(47)],
    ["protocol 99", protocol(99)],
    ["all traffic", everything],
    ["all traffic but tcp/22", minus(everything, ports(6, 22, 22))],
    ["all traffic but icmp, gre", minus(everything, or(protocol(1), protocol(47)))],
    ["", nothing],
  ] satisfies readonly (readonly [string, PacketSet])[])("%s", (text, set) => {
    expect(formatServices(set)).toBe(text);
  });
});

test("half of an ICMP type is not called the whole type", () => {
  expect(formatServices(or(icmp(1, 8), icmp(1, 9, 0)))).not.toBe(formatServices(or(icmp(1, 8), icmp(1, 9))));
});

test("client's ports read alone", () => {
  expect(formatClientPorts(and(protocol(6), clientPorts(32_768, 65_535)))).toBe("32768-65535");
  expect(formatClientPorts(or(clientPorts(1024, 4999), clientPorts(65_535, 65_535)))).toBe("1024-4999, 65535");
});

describe("a port is a whole number up to 65535 in decimal, so", () => {
  test.each([
    ["0", 0],
    ["22", 22],
    ["65535", 65_535],
  ])("%s is one", (text, value) => {
    expect(readPort(text)).toEqual({ is: "good", value });
  });
  test.each([
    "65536",
    "99999",
    "022",
    "-1",
    "+22",
    "22 ",
    " 22",
    "2.2",
    "1e3",
    "0x16",
    "ssh",
    "",
    "２２",
    "22\n",
    "22-23",
  ])("%j is none", (text) => {
    expect(readPort(text)).toEqual({ is: "bad", because: { fault: "not-a-port", text } });
  });
});

describe("a protocol is a name or a number up to 255, so", () => {
  test.each([
    ["tcp", 6],
    ["UDP", 17],
    ["Icmp", 1],
    ["icmpv6", 58],
    ["0", 0],
    ["6", 6],
    ["255", 255],
  ])("%s is one", (text, value) => {
    expect(readProtocol(text)).toEqual({ is: "good", value });
  });
  test.each(["256", "-1", "06", "all", "", "tcp ", "6.0", "６", "constructor", "ＴＣＰ"])("%j is none", (text) => {
    expect(readProtocol(text)).toEqual({ is: "bad", because: { fault: "not-a-protocol", text } });
  });
});
