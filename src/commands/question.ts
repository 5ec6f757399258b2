import { Trouble, problems } from "#problems.ts";
import type { Address } from "#packets/address.ts";
import type { Service } from "#packets/service.ts";
import { ICMP, ICMPV6, isIcmp, protocolName } from "#packets/service.ts";
import { hasClientPort } from "#packets/set.ts";
import { readAddress, readPort, readProtocol } from "#packets/text.ts";
import type { Words } from "./verb.ts";
import { textOf } from "./verb.ts";

/** The one client of `--from`. */
export const readClient = (text: string): Address => {
  const read = readAddress(text);
  if (read.is === "good") return read.value;
  throw new Trouble(read.because.fault === "a-range" ? problems.notOneAddress(text) : problems.notAnAddress(text));
};

/** The service that is asked for. ICMP without a family means the client's own: ping is ping. */
export const readService = (words: Words, family: 4 | 6): Service => {
  const name = textOf(words, "protocol") ?? "tcp";
  const read = readProtocol(name);
  if (read.is === "bad") throw new Trouble(problems.notAProtocol(name));
  const protocol = read.value === ICMP && family === 6 ? ICMPV6 : read.value;
  const port = textOf(words, "port");
  if (isIcmp(protocol)) return { protocol, port: icmpMessage(port, protocol) };
  if (!hasClientPort(protocol)) return { protocol, port: 0 };
  const number = readPort(port ?? "22");
  if (number.is === "bad") throw new Trouble(problems.notAPort(port ?? ""));
  return { protocol, port: number.value };
};

const icmpMessage = (text: string | undefined, protocol: number): number => {
  if (text === undefined) return (protocol === ICMP ? 8 : 128) * 256;
  const [type, code] = /^(\d{1,3})(?:\.(\d{1,3}))?$/.exec(text)?.slice(1) ?? [];
  const [typed, coded] = [Number(type), Number(code ?? 0)];
  if (type === undefined || typed > 255 || coded > 255) throw new Trouble(problems.notAnIcmpMessage(text));
  return typed * 256 + coded;
};

/** The service as the JSON writes it. */
export const serviceWords = ({
  protocol,
  port,
}: Service): { readonly protocol: string; readonly port: number | null } => ({
  protocol: protocolName(protocol).replace("protocol ", ""),
  port: isIcmp(protocol) ? port >> 8 : hasClientPort(protocol) ? port : null,
});
