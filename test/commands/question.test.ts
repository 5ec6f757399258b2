import { describe, expect, test } from "@jest/globals";
import type { Run } from "../run.ts";
import { STACK, ask, told } from "../snapshots/ask.ts";
import { OPEN, copyOf, edit, rawOf } from "../snapshots/folder.ts";

const FOLDER = ["--snapshot", rawOf(OPEN)];
const FROM = ["--from", "203.0.113.9"];

/** The one problem that ended a run, in its first sentence and in what it tells to do. */
const problem = ({ code, out, err }: Run): readonly [says: string, fix: string] => {
  expect([code, out]).toEqual([2, ""]);
  expect(err).not.toMatch(STACK);
  const [only, ...others] = told(err);
  expect(others).toEqual([]);
  return [only?.says ?? "", only?.fix ?? ""];
};

describe("what is asked wrongly is answered in one sentence, and with what to write", () => {
  test.each<readonly [string, readonly string[], RegExp, RegExp]>([
    ["a client that is a word", ["--from", "office"], /^"office" is no IP address\.$/, /203\.0\.113\.9/],
    ["no client at all", ["--from", ""], /^"" is no IP address\.$/, /203\.0\.113\.9/],
    ["a client that is nearly an address", ["--from", "203.0.113.256"], /203\.0\.113\.256/, /IPv4 or IPv6/],
    ["an octal client", ["--from", "203.0.113.010"], /203\.0\.113\.010/, /IPv4 or IPv6/],
    ["a number for a client", ["--from", "3405803785"], /no IP address/, /IPv4 or IPv6/],
    ["a CIDR for a client", ["--from", "203.0.113.0/24"], /is a range/, /who/],
    ["an IPv6 CIDR for a client", ["--from", "2001:db8::/32"], /is a range/, /who/],
    ["a range for a client", ["--from", "203.0.113.1-203.0.113.9"], /is a range/, /who/],
    ["IPv4 inside IPv6", ["--from", "::ffff:203.0.113.9"], /::ffff:203\.0\.113\.9/, /Write .*203\.0\.113\.9/],
    ["an address with a zone", ["--from", "fe80::1%eth0"], /fe80::1%eth0/, /IPv4 or IPv6/],
    ["an address with a blank", ["--from", " 203.0.113.9"], /no IP address/, /IPv4 or IPv6/],
    ["an escape for a client", ["--from", "\u001b[31mred"], /\\u001b\[31mred/, /IPv4 or IPv6/],
    ["port 70000", [...FROM, "--port", "70000"], /"70000" is no port/, /0 to 65535/],
    ["port -1", [...FROM, "--port", "-1"], /"-1" is no port/, /0 to 65535/],
    ["port 22.5", [...FROM, "--port", "22.5"], /"22\.5" is no port/, /0 to 65535/],
    ["a service for a port", [...FROM, "--port", "ssh"], /"ssh" is no port/, /--port 22/],
    ["a port in hexadecimal", [...FROM, "--port", "0x16"], /"0x16" is no port/, /0 to 65535/],
    ["no port", [...FROM, "--port", ""], /"" is no port/, /0 to 65535/],
    ["a range of ports", [...FROM, "--port", "22-25"], /"22-25" is no port/, /0 to 65535/],
    ["protocol 256", [...FROM, "--protocol", "256"], /"256" is no protocol/, /0 to 255/],
    ["protocol -1", [...FROM, "--protocol", "-1"], /"-1" is no protocol/, /tcp, udp/],
    ["a service for a protocol", [...FROM, "--protocol", "http"], /"http" is no protocol/, /tcp, udp/],
    ["an ICMP type 256", [...FROM, "--protocol", "icmp", "--port", "256"], /"256" is no ICMP type/, /--port 8/],
  ])("%s", async (_what, words, says, fix) => {
    const [first, last] = problem(await ask("why", "web-1", ...words, ...FOLDER));
    expect(first).toMatch(says);
    expect(last).toMatch(fix);
  });

  test.each<readonly [string, readonly string[], RegExp, RegExp]>([
    ["no snapshot to ask why of", ["why", "web-1", ...FROM], /nothing to read/, /--snapshot/],
    ["no snapshot to audit", ["audit"], /nothing to read/, /--snapshot/],
    [
      "a severity that is none",
      ["audit", "--fail-on", "urgent", ...FOLDER],
      /"urgent" is no severity/,
      /critical, high/,
    ],
    ["a share of nothing", ["audit", "--internet-share", "0", ...FOLDER], /"0" is no share/, /0\.5/],
    ["a share of two", ["audit", "--internet-share", "2", ...FOLDER], /"2" is no share/, /0\.5/],
    ["a share that is a letter", ["audit", "--internet-share", "x", ...FOLDER], /"x" is no share/, /0\.5/],
    ["a share below nothing", ["audit", "--internet-share", "-0.5", ...FOLDER], /"-0\.5" is no share/, /0\.5/],
    ["a format that is none", ["audit", "--format", "yaml", ...FOLDER], /"yaml" is no output format/, /text, json/],
    ["a cloud that is none", ["permissions", "oracle"], /"oracle" is no cloud/, /aws/],
  ])("%s", async (_what, words, says, fix) => {
    const [first, last] = problem(await ask(...words));
    expect(first).toMatch(says);
    expect(last).toMatch(fix);
  });
});

describe("a command line that does not fit is answered like everything else", () => {
  test.each<readonly [string, readonly string[], RegExp, RegExp]>([
    ["why without a client", ["why", "web-1", ...FOLDER], /--from/, /--help/],
    ["why without a machine", ["why", ...FROM, ...FOLDER], /machine/, /--help/],
    ["why of two machines", ["why", "web-1", "web-2", ...FROM, ...FOLDER], /web-2|too many|one machine/i, /--help/],
    ["an option that is none", ["why", "web-1", "--form", "203.0.113.9", ...FOLDER], /--form/, /--from|--help/],
    ["an option without its value", ["why", "web-1", "--from"], /--from/, /--help/],
    ["a verb that is none", ["wyh", "web-1"], /wyh/, /why|--help/],
    ["an option that is none of audit", ["audit", "--color", ...FOLDER], /--color/, /--no-color|--help/],
    ["a verb with an escape", ["\u001b[31mred"], /red/, /--help/],
  ])("%s", async (_what, words, says, fix) => {
    const run = await ask(...words);
    expect([run.code, run.out]).toEqual([2, ""]);
    expect(run.err.split("\n")[0]).toMatch(says);
    expect(run.err).toMatch(fix);
    expect(run.err).not.toMatch(STACK);
    expect(run.err).not.toContain("\u001b");
    expect(told(run.err)).toHaveLength(1);
  });

  test("no words at all are answered with the help", async () => {
    const run = await ask();
    expect([run.code, run.out]).toEqual([2, ""]);
    expect(run.err).toMatch(/^Usage: sallyport/);
  });
});

describe("a machine", () => {
  test.each([
    ["its name", "web-1"],
    ["its id", "i-01f28dd44b94d7c6e"],
    ["its private address", "10.20.1.10"],
    ["its public address", "198.51.100.7"],
    ["its interface", "eni-072e5e97dbcaaf5d6"],
  ])("is found by %s", async (_how, name) => {
    expect((await ask("why", name, ...FROM, ...FOLDER)).code).toBe(0);
  });

  test.each([
    ["a part of its name", "web"],
    ["its name in capitals", "WEB-1"],
    ["its name with more behind it", "web-1.example.com"],
    ["its name with one letter wrong", "wed-1"],
    ["its name with two letters turned", "wbe-1"],
    ["its name without the dash", "web1"],
    ["its id with one letter wrong", "i-01f28dd44b94d7c6f"],
  ])("that is not there is guessed from %s", async (_how, name) => {
    const [says, fix] = problem(await ask("why", name, ...FROM, ...FOLDER));
    expect(says).toBe(`No machine is called "${name}".`);
    expect(fix).toBe("Did you mean web-1 (i-01f28dd44b94d7c6e)?");
  });

  test.each(["mail-server", "10.20.1.99", "", "zzz"])("that is not there is not guessed from %j", async (name) => {
    const [says] = problem(await ask("why", name, ...FROM, ...FOLDER));
    expect(says).toMatch(`No machine called "${name}" is among the `);
  });

  test("whose name another has too is asked back, with all of them", async () => {
    const several = ["--snapshot", rawOf("a-name-that-fits-two-machines-is-a-question-back")];
    for (const words of [
      ["why", "web-1", ...FROM],
      ["who", "web-1"],
    ]) {
      const [says, fix] = problem(await ask(...words, ...several));
      expect(says).toMatch(/^"web-1" fits several machines: i-\w+ \(web-1\), i-\w+ \(web-1\)\.$/);
      expect(fix).toMatch(/by its id/);
    }
  });

  test("in a folder without machines is not there", async () => {
    const folder = copyOf(OPEN);
    edit(folder, "instances.json", "/Reservations", []);
    edit(folder, "network-interfaces.json", "/NetworkInterfaces", []);
    const [says] = problem(await ask("why", "web-1", ...FROM, "--snapshot", folder));
    expect(says).toMatch(/among the 0 that were read/);
  });
});
