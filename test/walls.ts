import { posix } from "node:path";
import { parseSync } from "@swc/core";

/** One room, or one file of it, and what it may import. A star stands for one name. */
export interface Wall {
  readonly room: string;
  readonly may: readonly string[];
  /** Allowed as types alone. */
  readonly types?: readonly string[];
  /** Allowed as types, and by `await import()` where it is needed. */
  readonly lazily?: readonly string[];
  /** Takes clock, disk, network, chance and console from nobody. */
  readonly pure?: true;
  readonly because: string;
}

const disk = ["node:fs", "node:fs/promises", "node:path", "node:sqlite", "node:zlib"];
const network = ["node:dns", "node:dns/promises", "node:net", "node:timers/promises", "node:tls"];

/** The first row that fits a file is its row. A room may always import from itself. */
export const walls: readonly Wall[] = [
  {
    room: "packets/text.ts",
    may: ["ip-cidr"],
    pure: true,
    because: "text is where addresses come in and go out, so the address library stops here",
  },
  {
    room: "packets",
    may: [],
    pure: true,
    because: "arithmetic can be believed only if it stands alone",
  },
  {
    room: "model",
    may: ["packets"],
    pure: true,
    because: "words need sets, nothing else",
  },
  {
    room: "problems.ts",
    may: ["model"],
    pure: true,
    because: "it words what went wrong, and does nothing about it",
  },
  {
    room: "resolve",
    may: ["model", "packets"],
    pure: true,
    because: "same picture, same verdict",
  },
  {
    room: "diagnose/probe.ts",
    may: ["model", "packets", "resolve", ...network],
    because: "it is the only door of a diagnosis to the network",
  },
  {
    room: "diagnose",
    may: ["model", "packets", "resolve"],
    pure: true,
    because: "it asks the resolver, and never reads rules by itself",
  },
  {
    room: "checks",
    may: ["model", "packets", "resolve"],
    pure: true,
    because: "a check asks the resolver, and never reads rules by itself",
  },
  {
    room: "fixes",
    may: ["model", "packets", "resolve"],
    pure: true,
    because: "a remedy is proved by the resolver, and never by reading rules again",
  },
  {
    room: "reports",
    may: [],
    types: ["model"],
    pure: true,
    because: "a report that computes is a second truth",
  },
  {
    room: "reading",
    may: ["model"],
    pure: true,
    because: "how lists are read politely is the same in all clouds; clock and chance come as arguments",
  },
  {
    room: "snapshots",
    may: ["model", "packets", "problems.ts", ...disk],
    because: "keeping is not judging",
  },
  {
    room: "history",
    may: ["model", "packets", "problems.ts", ...disk],
    because: "keeping is not judging",
  },
  {
    room: "jobs",
    may: ["history", "problems.ts", ...network],
    types: ["model", "packets", "resolve", "diagnose", "checks", "fixes", "snapshots"],
    because: "it runs what it is handed",
  },
  {
    room: "commands",
    may: [
      "packets",
      "model",
      "problems.ts",
      "resolve",
      "diagnose",
      "checks",
      "fixes",
      "reports",
      "snapshots",
      "history",
      "jobs",
    ],
    because: "a verb is testable without a cloud: clouds come to it as an argument",
  },
  {
    room: "bin.ts",
    may: ["problems.ts", "node:fs"],
    lazily: ["node:module", "main.ts"],
    because: "it is only the door: it must run on a Node that is too old for the rest, to say so",
  },
  {
    room: "main.ts",
    may: ["*", "*/*"],
    because: "somebody must know everything, and it is one short file",
  },
  {
    room: "providers/index.ts",
    may: ["providers/*"],
    types: ["model"],
    pure: true,
    because: "it lists the clouds and knows nothing more of them",
  },
  {
    room: "providers/aws/collect.ts",
    may: ["model", "packets", "problems.ts", "reading", "node:timers/promises"],
    lazily: ["@aws-sdk/*", "@smithy/*"],
    because: "it alone talks to AWS, and nobody waits for the SDK who has not asked for AWS",
  },
  {
    room: "providers/aws/collect/*",
    may: ["model", "packets", "problems.ts", "reading"],
    lazily: ["@aws-sdk/*", "@smithy/*"],
    because: "it is a part of what talks to AWS; time and chance come to it from collect.ts",
  },
  {
    room: "providers/gcp/collect.ts",
    may: ["model", "packets", "problems.ts", "reading", "node:timers/promises"],
    lazily: ["@google-cloud/*", "google-auth-library"],
    because: "it alone talks to Google Cloud, and nobody waits for the SDK who has not asked for Google Cloud",
  },
  {
    room: "providers/gcp/collect/*",
    may: ["model", "packets", "problems.ts", "reading"],
    lazily: ["@google-cloud/*", "google-auth-library"],
    because: "it is a part of what talks to Google Cloud; time and chance come to it from collect.ts",
  },
  {
    room: "providers/azure/collect.ts",
    may: ["model", "packets", "problems.ts", "reading", "node:timers/promises"],
    lazily: ["@azure/*"],
    because: "it alone talks to Azure, and nobody waits for the SDK who has not asked for Azure",
  },
  {
    room: "providers/azure/collect/*",
    may: ["model", "packets", "problems.ts", "reading"],
    lazily: ["@azure/*"],
    because: "it is a part of what talks to Azure; time and chance come to it from collect.ts",
  },
  {
    room: "providers/*",
    may: ["model", "packets", "problems.ts"],
    pure: true,
    because: "it translates: deciding here would give three resolvers, and what two clouds share belongs to the model",
  },
];

/** Every way in which one source text crosses a wall, as sentences. `path` is from the root of the project. */
export function breaches(path: string, text: string): readonly string[] {
  const home = roomOf(path);
  const wall = walls.find(({ room }) => fits(room, home) || fits(room, fileOf(path)));
  if (wall === undefined) return [`${path}: the room ${home} has no row in the table of walls`];
  const seen = look(text);
  return [
    ...seen.imports.flatMap((found) => {
      const wrong = whyNot(wall, path, found);
      return wrong === undefined ? [] : [`${path} ${wrong}: ${wall.because}`];
    }),
    ...(wall.pure ? seen.globals.map((name) => `${path} uses ${name}, which is not pure: ${wall.because}`) : []),
  ];
}

interface Import {
  readonly from: string | undefined;
  readonly how: "static" | "dynamic" | "type";
}

function whyNot(wall: Wall, path: string, { from, how }: Import): string | undefined {
  if (from === undefined) return "imports something whose name is not written out";
  const target = targetOf(path, from);
  if (target === undefined) return allowed(wall, packageOf(from), how) ? undefined : `imports ${from}`;
  if (roomOf(target) === roomOf(path)) return undefined;
  if (from.startsWith(".")) return `imports ${from}, though imports from another room are written with #`;
  return allowed(wall, roomOf(target), how) ? undefined : `imports ${from}`;
}

function allowed({ may, types = [], lazily = [] }: Wall, name: string, how: Import["how"]): boolean {
  const among = (patterns: readonly string[]) => patterns.some((pattern) => fits(pattern, name));
  return among(may) || (how === "type" && among(types)) || (how !== "static" && among(lazily));
}

/** The file of this project that an import means, or undefined where it means a package or a part of Node. */
function targetOf(path: string, from: string): string | undefined {
  if (from.startsWith(".")) return posix.join(posix.dirname(path), from);
  if (from.startsWith("#providers/")) return from.slice(1);
  return from.startsWith("#") ? `src/${from.slice(1)}` : undefined;
}

/** `src/model/gate.ts` is in `model`, `providers/aws/sets/group.ts` in `providers/aws`, `src/main.ts` a room of its own. */
function roomOf(path: string): string {
  const file = fileOf(path).split("/");
  return file.slice(0, file[0] === "providers" ? 2 : 1).join("/");
}

function fileOf(path: string): string {
  return path.replace(/^src\//, "");
}

function packageOf(from: string): string {
  if (from.startsWith("node:")) return from;
  return from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/");
}

function fits(pattern: string, name: string): boolean {
  const parts = name.split("/");
  const wanted = pattern.split("/");
  return wanted.length === parts.length && wanted.every((part, at) => part === "*" || part === parts[at]);
}

type Tree = Readonly<Record<string, unknown>>;

interface Seen {
  readonly imports: readonly Import[];
  readonly globals: readonly string[];
}

/** What a source text imports, and which impure globals it uses that it has not declared itself. */
function look(text: string): Seen {
  const trees = [...below(parseSync(text, { syntax: "typescript", target: "es2024" }), "")];
  const declared = new Set(trees.filter(([tree]) => isBinding(tree)).map(([tree]) => tree["value"]));
  const globals = trees.flatMap(([tree, under]) => impure(tree, under) ?? []).filter((name) => !declared.has(name));
  return { imports: trees.flatMap(([tree]) => importIn(tree) ?? []), globals: [...new Set(globals)] };
}

/** Every node of a syntax tree, with the field of its parent that holds it. */
function* below(tree: unknown, under: string): Iterable<readonly [Tree, string]> {
  if (Array.isArray(tree)) {
    for (const one of tree) yield* below(one, under);
  } else if (isTree(tree)) {
    yield [tree, under];
    for (const [field, inner] of Object.entries(tree)) yield* below(inner, field);
  }
}

function importIn(tree: Tree): Import | undefined {
  switch (tree["type"]) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
      return isTree(tree["source"])
        ? { from: textOf(tree["source"]), how: isErased(tree) ? "type" : "static" }
        : undefined;
    case "TsImportType":
      return { from: textOf(tree["argument"]), how: "type" };
    case "CallExpression":
      return isTree(tree["callee"]) && tree["callee"]["type"] === "Import"
        ? { from: textOf(firstArgument(tree)), how: "dynamic" }
        : undefined;
    default:
      return undefined;
  }
}

function isErased({ typeOnly, specifiers }: Tree): boolean {
  if (typeOnly === true) return true;
  return (
    Array.isArray(specifiers) &&
    specifiers.length > 0 &&
    specifiers.every((one) => isTree(one) && one["isTypeOnly"] === true)
  );
}

function firstArgument(call: Tree): unknown {
  const first: unknown = Array.isArray(call["arguments"]) ? call["arguments"][0] : undefined;
  return isTree(first) ? first["expression"] : undefined;
}

const IMPURE = new Set([
  "console",
  "fetch",
  "globalThis",
  "performance",
  "process",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);
const IMPURE_MEMBERS = new Set(["Date.now", "Math.random"]);
const NAMES_ONLY = new Set(["property", "key", "imported", "orig", "exported", "typeName", "label"]);

function impure(tree: Tree, under: string): string | undefined {
  if (tree["type"] === "Identifier") {
    const name = textOf(tree);
    return name !== undefined && IMPURE.has(name) && !NAMES_ONLY.has(under) && !isBinding(tree) ? name : undefined;
  }
  if (tree["type"] === "MemberExpression") {
    const name = `${textOf(tree["object"])}.${textOf(tree["property"])}`;
    return IMPURE_MEMBERS.has(name) ? name : undefined;
  }
  const builds = tree["type"] === "NewExpression" || tree["type"] === "CallExpression";
  return builds && textOf(tree["callee"]) === "Date" ? "new Date" : undefined;
}

/** The parser gives a type annotation, even if null, to a name that is declared, and none to a name that is used. */
function isBinding(tree: Tree): boolean {
  return tree["type"] === "Identifier" && "typeAnnotation" in tree;
}

function textOf(tree: unknown): string | undefined {
  return isTree(tree) && typeof tree["value"] === "string" ? tree["value"] : undefined;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
