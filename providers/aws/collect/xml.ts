/**
 * What an answer of EC2 looks like, as far as reading it needs to know. Compiled once for each operation from the
 * schema that the SDK carries.
 */
export type Shape =
  | { readonly is: "struct"; readonly members: ReadonlyMap<string, Member> }
  | { readonly is: "list"; readonly tag: string; readonly of: () => Shape }
  | { readonly is: "text" | "number" | "boolean" };

export interface Member {
  readonly name: string;
  readonly shape: () => Shape;
}

/** What the XML was not: whole, or well-formed. */
export class BrokenXml extends Error {
  override readonly name = "BrokenXml";
}

/**
 * Reads one answer in one pass over its text, straight into the shape that is printed. Timestamps stay as they were
 * sent. Elements that the schema does not know are passed over, like everywhere in the SDK. Throws `BrokenXml` where
 * the text ends early or does not nest.
 */
export const readXml = (text: string, shape: Shape): unknown => {
  const reader = new Reader(text);
  const value = reader.root(shape);
  reader.end();
  return value;
};

const OPEN = "<".charCodeAt(0);

class Reader {
  private at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  root(shape: Shape): unknown {
    let tag = this.open();
    while (tag.startsWith("?")) tag = this.open();
    if (tag.startsWith("/") || tag.startsWith("!")) throw new BrokenXml("it does not begin with an element");
    return this.element(tag, shape);
  }

  end(): void {
    if (this.text.slice(this.at).trim() !== "") throw new BrokenXml("something stands after its end");
  }

  /** The next tag, without its brackets. */
  private open(): string {
    const start = this.text.charCodeAt(this.at) === OPEN ? this.at : this.text.indexOf("<", this.at);
    const end = start === -1 ? -1 : this.text.indexOf(">", start);
    if (end === -1) throw new BrokenXml("it ends in the middle");
    this.at = end + 1;
    return this.text.slice(start + 1, end);
  }

  private close(name: string): void {
    if (!this.text.startsWith(`</${name}>`, this.at)) throw new BrokenXml(`<${name}> is not closed`);
    this.at += name.length + 3;
  }

  private element(tag: string, shape: Shape): unknown {
    if (tag.endsWith("/")) return empty(shape);
    const name = nameOf(tag);
    switch (shape.is) {
      case "struct":
        return this.struct(name, shape.members);
      case "list":
        return this.list(name, shape.tag, shape.of());
      case "text":
        return this.leaf(name);
      case "number":
        return numberOf(this.leaf(name));
      case "boolean":
        return booleanOf(this.leaf(name));
    }
  }

  private struct(name: string, members: ReadonlyMap<string, Member>): Readonly<Record<string, unknown>> {
    const made: Record<string, unknown> = {};
    for (let tag = this.open(); ; tag = this.open()) {
      if (tag.startsWith("/")) {
        if (tag !== `/${name}`) throw new BrokenXml(`<${name}> is not closed`);
        return made;
      }
      const member = members.get(nameOf(tag));
      if (member === undefined) this.pass(tag);
      else made[member.name] = this.element(tag, member.shape());
    }
  }

  private list(name: string, tag: string, of: Shape): readonly unknown[] {
    const made: unknown[] = [];
    for (let next = this.open(); next !== `/${name}`; next = this.open()) {
      if (next.startsWith("/")) throw new BrokenXml(`<${name}> is not closed`);
      if (nameOf(next) === tag) made.push(this.element(next, of));
      else this.pass(next);
    }
    return made;
  }

  private leaf(name: string): string {
    const end = this.text.indexOf("<", this.at);
    if (end === -1) throw new BrokenXml("it ends in the middle");
    const raw = this.text.slice(this.at, end);
    this.at = end;
    this.close(name);
    return raw.includes("&") ? unescaped(raw) : raw;
  }

  /** Past an element that nobody here knows. */
  private pass(tag: string): void {
    if (tag.endsWith("/")) return;
    const name = nameOf(tag);
    for (let next = this.open(); next !== `/${name}`; next = this.open()) {
      if (next.startsWith("/")) throw new BrokenXml(`<${name}> is not closed`);
      this.pass(next);
    }
  }
}

/** The name in a tag. Answers have attributes on their root alone, so that most tags are names. */
const nameOf = (tag: string): string => {
  const end = tag.indexOf(" ");
  if (end !== -1) return tag.slice(0, end);
  return tag.endsWith("/") ? tag.slice(0, -1) : tag;
};

const empty = (shape: Shape): unknown => {
  switch (shape.is) {
    case "struct":
      return {};
    case "list":
      return [];
    case "text":
      return "";
    case "number":
    case "boolean":
      return undefined;
  }
};

const numberOf = (text: string): number => {
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) throw new BrokenXml(`"${text}" is no number`);
  return number;
};

const booleanOf = (text: string): boolean => {
  if (text !== "true" && text !== "false") throw new BrokenXml(`"${text}" is neither true nor false`);
  return text === "true";
};

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const unescaped = (raw: string): string =>
  raw.replace(/&(#x[\da-f]+|#\d+|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
