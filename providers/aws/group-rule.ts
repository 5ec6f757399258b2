import { gap } from "#model/gap.ts";
import type { Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { both, exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { clientsAsking, everything, nothing } from "#packets/set.ts";
import { readPrefix } from "#packets/text.ts";
import { problems } from "#problems.ts";
import { cidrClients } from "./client.ts";
import type { Raw } from "./raw.ts";
import { isRaw, numeral, protocolText, text } from "./raw.ts";
import type { Named } from "./service.ts";
import { groupService } from "./service.ts";

/** The members of a permission that name the other end, and which member of theirs says who it is. */
const PEERS = {
  IpRanges: "CidrIp",
  Ipv6Ranges: "CidrIpv6",
  PrefixListIds: "PrefixListId",
  UserIdGroupPairs: "GroupId",
} as const;
export type PeerKind = keyof typeof PEERS;
const kinds = ["IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"] as const satisfies readonly PeerKind[];

/** The other end of a rule, whom only the whole inventory knows: a prefix list or a group. */
export interface Peer {
  readonly match: Match;
  readonly says: string;
}

/** What a group's rules need to know of the rest. */
export interface Peers {
  prefixList(id: string, at: Source): Peer;
  group(id: string, pair: Raw, at: Source): Peer;
  /** The id that DescribeSecurityGroupRules gives a rule, by which it is revoked. */
  ruleId(permission: Raw, kind: PeerKind, peer: string): string | undefined;
}

/** One side of a group. */
export interface Side {
  readonly group: string;
  readonly permissions: unknown;
  readonly at: Source;
  readonly peers: Peers;
}

/** One rule for each peer of each permission. What is no permission, or no peer, may be any rule. */
export const groupRules = ({ group, permissions, at, peers }: Side): readonly Rule[] => {
  if (permissions === undefined || permissions === null) return [];
  if (!Array.isArray(permissions)) return [unreadable(group, at)];
  const rules: Rule[] = [];
  for (let i = 0; i < permissions.length; i++) {
    const permission: unknown = permissions[i];
    const where = inside(at, i);
    if (isRaw(permission)) addRules(rules, group, permission, where, peers);
    else rules.push(unreadable(group, where));
  }
  return rules;
};

/** What the rules of one permission share. */
interface Permission {
  readonly group: string;
  readonly raw: Raw;
  readonly service: Named;
  readonly at: Source;
  readonly peers: Peers;
}

const addRules = (rules: Rule[], group: string, permission: Raw, at: Source, peers: Peers): void => {
  const { IpProtocol, FromPort, ToPort } = permission;
  const service = groupService(protocolText(IpProtocol), numeral(FromPort), numeral(ToPort), at);
  const shared: Permission = { group, raw: permission, service, at, peers };
  for (const kind of kinds) {
    const list = permission[kind];
    if (list === undefined || list === null) continue;
    if (!Array.isArray(list)) {
      rules.push(unreadable(group, inside(at, kind)));
      continue;
    }
    for (let i = 0; i < list.length; i++) {
      const each: unknown = list[i];
      rules.push(isRaw(each) ? new PeerRule(shared, kind, i, each) : unreadable(group, inside(at, `${kind}/${i}`)));
    }
  }
};

const unreadable = (group: string, at: Source): Rule => ({
  match: perhaps(everything, gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at)),
  action: "allow",
  name: `a rule of ${group}`,
  says: "something",
  source: at,
});

/** One peer of one permission. Groups have many, and most are never told of, so the words are made when they are asked for. */
class PeerRule implements Rule {
  readonly match: Match;
  readonly action = "allow";
  readonly #permission: Permission;
  readonly #kind: PeerKind;
  readonly #index: number;
  readonly #peer: string;
  readonly #pair: Raw;

  constructor(permission: Permission, kind: PeerKind, index: number, pair: Raw) {
    this.#permission = permission;
    this.#kind = kind;
    this.#index = index;
    this.#peer = text(pair[PEERS[kind]]) ?? "";
    this.#pair = pair;
    this.match = this.#match(permission.service.match);
  }

  #match(service: Match): Match {
    if (isCidr(this.#kind)) {
      const read = readPrefix(this.#peer);
      if (service.gaps.length === 0 && read.is === "good") return exactly(clientsAsking(read.value, service.surely));
      return both(cidrClients(this.#peer, this.source), service);
    }
    const { match } = this.#known();
    return match.possibly === nothing ? match : both(match, service);
  }

  #known(): Peer {
    const { peers } = this.#permission;
    return this.#kind === "PrefixListIds"
      ? peers.prefixList(this.#peer, this.source)
      : peers.group(this.#peer, this.#pair, this.source);
  }

  get name(): string {
    const { group, raw: permission, peers } = this.#permission;
    return peers.ruleId(permission, this.#kind, this.#peer) ?? `a rule of ${group}`;
  }

  get says(): string {
    return `${this.#permission.service.says} from ${isCidr(this.#kind) ? this.#peer : this.#known().says}`;
  }

  get source(): Source {
    return inside(this.#permission.at, `${this.#kind}/${this.#index}`);
  }
}

const isCidr = (kind: PeerKind): boolean => kind === "IpRanges" || kind === "Ipv6Ranges";
