import { isIPv6 } from "node:net";
import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import IPCIDR from "ip-cidr";
import {
  bounds,
  formatAddress,
  formatPrefix,
  fromInteger,
  hasHostBits,
  parseAddress,
  parsePrefix,
  isUnder,
  toInteger,
} from "#packets/address.ts";
import { readAddress, readPrefix } from "#packets/text.ts";
import { prefix } from "../oracle/told.ts";

const seed = 20_260_102;
const v4 = fc.bigInt(0n, 2n ** 32n - 1n);
// Groups that are often zero, so that runs of zeros of every length and place occur.
const group = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  fc.constantFrom(1, 0xffff, 0xa0),
  fc.integer({ min: 0, max: 0xffff }),
);
const v6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => groups.reduce((sum, g) => sum * 65_536n + BigInt(g), 0n));
const isMapped = (value: bigint): boolean => value >> 32n === 0xffffn;

describe("an address is written", () => {
  test.each([
    ["0.0.0.0", 4, 0n],
    ["255.255.255.255", 4, 0xffffffffn],
    ["10.0.0.1", 4, 0x0a000001n],
    ["203.0.113.9", 4, 0xcb007109n],
    ["::", 6, 0n],
    ["::1", 6, 1n],
    ["1::", 6, 1n << 112n],
    ["2001:db8::1", 6, (0x20010db8n << 96n) + 1n],
    ["2001:DB8::A", 6, (0x20010db8n << 96n) + 10n],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", 6, (0x20010db8n << 96n) + 1n],
    ["1:2:3:4:5:6:7:8", 6, 0x00010002000300040005000600070008n],
    ["1:2:3:4:5:6:7::", 6, 0x00010002000300040005000600070000n],
    ["::2:3:4:5:6:7:8", 6, 0x00000002000300040005000600070008n],
    ["64:ff9b::192.0.2.33", 6, (0x0064ff9bn << 96n) + 0xc0000221n],
    ["1:2:3:4:5:6:192.0.2.33", 6, 0x000100020003000400050006c0000221n],
    ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 6, 2n ** 128n - 1n],
  ] as const)("%s", (text, family, value) => {
    expect(parseAddress(text)).toEqual(fromInteger(family, value));
  });
});

const NO_ADDRESS = [
  ["", " ", ".", ":", "...", ":::", "localhost", "any", "*"],
  ["10.0.0", "10.0.0.0.0", "10.0.0.", ".10.0.0", "10..0.0", "10.0.0.256", "10.0.0.1000", "256.0.0.0"],
  [
    "010.0.0.1",
    "10.0.0.01",
    "10.00.0.1",
    "00.0.0.0",
    "0x0a.0.0.1",
    "0x0a000001",
    "167772161",
    "10.1",
    "+10.0.0.1",
    "-1.0.0.0",
  ],
  [
    "10.0.0.1 ",
    " 10.0.0.1",
    "10.0 .0.1",
    "10.0.0.1\n",
    "\t10.0.0.1",
    "10.0.0.1\0",
    "10,0,0,1",
    "10.0.0.1:22",
    "10.0.0.1e0",
  ],
  ["１０.0.0.1", "10.0.0.１", "٣.0.0.1", "10。0。0。1", "10.0.0.1/32", "10.0.0.1-10.0.0.9"],
  [
    "1::2::3",
    "::1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
  ],
  [":1", "1:", ":1::2", "1::2:", "1:::2", "12345::", "g::", "::0x1", "2001:db8::1 ", " ::1", "::1\n", "::１"],
  ["fe80::1%eth0", "fe80::1%1", "[::1]", "::1/128", "2001:db8:..1", "2001:db8::1."],
  ["::ffff:10.0.0.1", "::ffff:a00:1", "0:0:0:0:0:ffff:10.0.0.1", "::FFFF:0.0.0.0", "::ffff:0:0"],
  [
    "::1.2.3",
    "::1.2.3.4.5",
    "::1.2.3.04",
    "::1.2.3.256",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1:2:3:4:5:1.2.3.4",
  ],
].flat();

describe("no address is", () => {
  test.each(NO_ADDRESS.map((text) => [JSON.stringify(text), text] as const))("%s", (_shown, text) => {
    expect(parseAddress(text)).toBeUndefined();
    expect(parsePrefix(`${text}/8`)).toBeUndefined();
    expect(readAddress(text).is).toBe("bad");
  });
});

describe("no CIDR is", () => {
  test.each(
    [
      [
        "10.0.0.0",
        "10.0.0.0/",
        "/8",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/00",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/8 ",
      ],
      [
        "10.0.0.0 /8",
        "10.0.0.0/ 8",
        "10.0.0.0/8\n",
        "10.0.0.0/8/8",
        "10.0.0.0//8",
        "10.0.0.0/8.0",
        "10.0.0.0/1e1",
        "10.0.0.0/0x8",
      ],
      [
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/８",
        "10/8",
        "10.0/16",
        "010.0.0.0/8",
        "256.0.0.0/8",
        "10.0.0.0/999",
        "::/129",
        "::/0128",
      ],
      [
        "::",
        "fe80::1%eth0/64",
        "fe80::%eth0/64",
        "fe80::/64%eth0",
        "1::2::3/64",
        "1:2:3:4:5:6:7:8:9/64",
        "[::]/0",
        "::/1000",
      ],
      [
        "::ffff:10.0.0.0/104",
        "::ffff:10.0.0.0/8",
        "::ffff:0:0/96",
        "0.0.0.0/0,::/0",
        "any",
        "",
        "0.0.0.0-255.255.255.255",
      ],
    ]
      .flat()
      .map((text) => [JSON.stringify(text), text] as const),
  )("%s", (_shown, text) => {
    expect(parsePrefix(text)).toBeUndefined();
    expect(readPrefix(text)).toEqual({ is: "bad", because: { fault: "not-a-cidr", text } });
  });
});

describe("with host bits,", () => {
  test.each([
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["10.0.0.1/31", "10.0.0.0/31"],
    ["128.0.0.0/0", "0.0.0.0/0"],
    ["203.0.113.9/24", "203.0.113.0/24"],
    ["2001:db8::1/64", "2001:db8::/64"],
    ["2001:db8::1/32", "2001:db8::/32"],
    ["2001:db8:0:ffff::/49", "2001:db8:0:8000::/49"],
    ["8000::/0", "::/0"],
    ["::1/127", "::/127"],
    ["::10.0.0.0/96", "::/96"],
    ["::10.1.2.3/104", "::a00:0/104"],
    ["64:ff9b::10.0.0.1/96", "64:ff9b::/96"],
    ["::fffe:10.0.0.1/96", "::fffe:0:0/96"],
    ["::1:0:0/80", "::/80"],
  ])("%s most likely means %s", (text, meant) => {
    expect(readPrefix(text)).toEqual({ is: "bad", because: { fault: "host-bits", text, meant } });
  });
});

test("the range that host bits most likely mean is the range that the text lies in", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        v4.map((value) => fromInteger(4, value)),
        v6.map((value) => fromInteger(6, value)),
      ),
      fc.nat(128),
      (address, n) => {
        const bits = n % (address.family === 4 ? 33 : 129);
        fc.pre(!(address.family === 6 && isMapped(toInteger(address))));
        const [first] = bounds({ address, bits });
        const reading = readPrefix(formatPrefix({ address, bits }));
        const meant = formatPrefix({ address: fromInteger(address.family, first), bits });
        if (first === toInteger(address)) expect(reading).toEqual({ is: "good", value: { address, bits } });
        else expect(reading).toMatchObject({ is: "bad", because: { fault: "host-bits", meant } });
      },
    ),
    { seed, numRuns: 2000 },
  );
});

describe("people are told that they wrote a range:", () => {
  test.each(["10.0.0.0/8", "10.1.2.3/8", "2001:db8::/32", "10.0.0.1-10.0.0.9", "10.0.0.1 - 10.0.0.9", "::1-::9"])(
    "%s",
    (text) => {
      expect(readAddress(text)).toEqual({ is: "bad", because: { fault: "a-range", text } });
    },
  );
});

describe("RFC 5952 writes", () => {
  test.each([
    ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:0DB8::00FF", "2001:db8::ff"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["0:0:1:0:0:0:0:0", "0:0:1::"],
    ["0:0:0:1:0:0:0:1", "::1:0:0:0:1"],
    ["0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1"],
    ["10:0:0:100:0:0:0:0", "10:0:0:100::"],
    ["100:0:0:0:1000:0:0:0", "100::1000:0:0:0"],
    ["ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ])("%s as %s", (text, written) => {
    const address = parseAddress(text);
    expect(address && formatAddress(address)).toBe(written);
  });
});

test("an address that is written and read again is the same address", () => {
  fc.assert(
    fc.property(v4, v6, (a, b) => {
      expect(parseAddress(formatAddress(fromInteger(4, a)))).toEqual(fromInteger(4, a));
      expect(parseAddress(formatAddress(fromInteger(6, b)))).toEqual(isMapped(b) ? undefined : fromInteger(6, b));
      expect([toInteger(fromInteger(4, a)), toInteger(fromInteger(6, b))]).toEqual([a, b]);
    }),
    { seed, numRuns: 2500 },
  );
});

test("an IPv6 address is written as browsers write it", () => {
  fc.assert(
    fc.property(v6, (value) => {
      const long = value
        .toString(16)
        .padStart(32, "0")
        .replaceAll(/.{4}(?!$)/g, "$&:");
      expect(formatAddress(fromInteger(6, value))).toBe(new URL(`http://[${long}]/`).hostname.slice(1, -1));
    }),
    { seed, numRuns: 2500 },
  );
});

test("a text is an IPv6 address when Node says so, zones and IPv4 inside IPv6 apart", () => {
  const piece = fc.constantFrom(
    "",
    ":",
    "::",
    "0",
    "1",
    "ffff",
    "12345",
    "g",
    ".",
    "1.2.3.4",
    "01",
    "a:b",
    "1:2:3",
    " ",
    "F",
  );
  let good = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), fc.boolean(), (pieces, colons) => {
      const text = pieces.join(colons ? ":" : "");
      fc.pre(text.includes(":"));
      const mapped = isIPv6(text) && /^\[::ffff:\w+:\w+\]$/.test(new URL(`http://[${text}]/`).hostname);
      expect(parseAddress(text) !== undefined).toBe(isIPv6(text) && !mapped);
      good += parseAddress(text) === undefined ? 0 : 1;
    }),
    { seed, numRuns: 8000 },
  );
  expect(good).toBeGreaterThan(250);
});

test("the address library finds the same first and last address, where it can be trusted", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.tuple(fc.constant(4 as const), v4), fc.tuple(fc.constant(6 as const), v6)),
      fc.nat(128),
      ([family, value], n) => {
        const bits = n % (family === 4 ? 33 : 129);
        const [first, last] = bounds({ address: fromInteger(family, value), bits });
        fc.pre(!(family === 6 && isMapped(first)));
        const text = formatPrefix({ address: fromInteger(family, first), bits });
        const [start, end] = new IPCIDR(text).toRange<bigint>({ type: "bigInteger" });
        expect([start, end]).toEqual([first, last]);
        expect(bounds(prefix(text))).toEqual([first, last]);
        expect(hasHostBits(prefix(text))).toBe(false);
        expect(IPCIDR.isValidCIDR(text)).toBe(true);
      },
    ),
    { seed, numRuns: 1500 },
  );
});

describe("an address lies under a prefix of its own family only:", () => {
  test.each([
    ["10.255.255.255", "10.0.0.0/8", true],
    ["11.0.0.0", "10.0.0.0/8", false],
    ["9.255.255.255", "10.0.0.0/8", false],
    ["10.9.9.9", "10.1.2.3/8", true],
    ["::1", "0.0.0.0/0", false],
    ["10.0.0.1", "::/0", false],
    ["2001:db8:ffff::", "2001:db8::/32", true],
    ["2001:db9::", "2001:db8::/32", false],
  ])("%s under %s: %s", (text, under, is) => {
    const address = parseAddress(text);
    const own = address && { address, bits: address.family === 4 ? 32 : 128 };
    expect(own && isUnder(own, prefix(under))).toBe(is);
  });
});
