/**
 * What an answer of EC2 looks like, as far as it takes to print it as JSON. Compiled once for each operation from the
 * schema that the SDK carries.
 */
export type Shape =
  | { readonly is: "struct"; readonly members: readonly Member[] }
  | { readonly is: "list"; readonly item: Uint8Array; readonly of: () => Shape }
  | { readonly is: "text" | "number" | "boolean" };

export interface Member {
  /** The name of the element. */
  readonly tag: Uint8Array;
  /** What stands before the value in JSON: `"GroupId":`. */
  readonly key: Uint8Array;
  readonly name: string;
  readonly shape: () => Shape;
  /** Its values tell the things of a list apart. */
  readonly isId: boolean;
}

/** What the XML was not: whole, or well-formed. */
export class BrokenXml extends Error {
  override readonly name = "BrokenXml";
}

export interface Printed {
  readonly json: Uint8Array;
  /** Values of the outermost texts, such as the token of the next page. */
  readonly texts: ReadonlyMap<string, string>;
  /** What tells the things apart that the answer lists. */
  readonly ids: readonly string[];
}

/**
 * Prints an answer as JSON, in one pass over its bytes. Values stay as they were sent, timestamps too. Elements that
 * the schema does not know are passed over, like everywhere in the SDK. Throws `BrokenXml` where the text ends early or
 * does not nest.
 */
export const printXml = (bytes: Uint8Array, shape: Shape): Printed => new Printer(bytes).print(shape);

const code = (mark: string): number => mark.charCodeAt(0);
const [OPEN, CLOSE, SLASH, SPACE] = [code("<"), code(">"), code("/"), code(" ")];
const [QUESTION, AMPERSAND, QUOTE, BACKSLASH, COMMA] = [code("?"), code("&"), code('"'), code("\\"), code(",")];
const OBJECT = [code("{"), code("}")] as const;
const ARRAY = [code("["), code("]")] as const;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

class Printer {
  private readonly x: Uint8Array;
  private at = 0;
  private out: Uint8Array;
  private length = 0;
  /** Where the name of the tag that was read last begins and ends, and what kind of tag it is. */
  private from = 0;
  private to = 0;
  private kind: "begins" | "ends" | "empty" = "begins";
  private readonly ids: string[] = [];
  private readonly texts = new Map<string, string>();

  constructor(bytes: Uint8Array) {
    this.x = bytes;
    this.out = new Uint8Array(bytes.length + 64);
  }

  print(shape: Shape): Printed {
    this.prologue();
    this.tag();
    if (this.kind === "ends") throw new BrokenXml("it begins with an end");
    if (this.kind === "empty") this.empty(shape);
    else if (shape.is === "struct") this.struct(shape.members, true);
    else this.value(shape);
    while (this.at < this.x.length) if ((this.x[this.at++] ?? 0) > SPACE) throw new BrokenXml("more follows its end");
    return { json: this.out.subarray(0, this.length), texts: this.texts, ids: this.ids };
  }

  /** Past `<?xml …?>`. */
  private prologue(): void {
    const { x } = this;
    while ((x[this.at] ?? OPEN) <= SPACE) this.at++;
    if (x[this.at] !== OPEN || x[this.at + 1] !== QUESTION) return;
    const end = x.indexOf(CLOSE, this.at);
    if (end === -1) throw new BrokenXml("it ends in the middle");
    this.at = end + 1;
  }

  /** Reads the next tag. */
  private tag(): void {
    const { x } = this;
    let i = this.at;
    while (x[i] !== OPEN) if (++i >= x.length) throw new BrokenXml("it ends in the middle");
    i++;
    this.kind = x[i] === SLASH ? "ends" : "begins";
    if (this.kind === "ends") i++;
    this.from = i;
    let byte = x[i] ?? 0;
    while (byte !== CLOSE && byte !== SLASH && byte > SPACE) byte = x[++i] ?? 0;
    this.to = i;
    // Answers have attributes on their root alone, and those hold slashes.
    while (byte !== CLOSE) {
      if (i >= x.length) throw new BrokenXml("it ends in the middle");
      byte = x[++i] ?? 0;
    }
    if (x[i - 1] === SLASH && this.kind === "begins") this.kind = "empty";
    this.at = i + 1;
  }

  private isCalled(name: Uint8Array): boolean {
    const { x, from, to } = this;
    const { length } = name;
    if (to - from !== length) return false;
    for (let i = 0; i < length; i++) if (x[from + i] !== name[i]) return false;
    return true;
  }

  /** Whether the tag that was read last has the name that stands at a place of the text. */
  private closes(from: number, to: number): boolean {
    const { x } = this;
    if (this.kind !== "ends" || this.to - this.from !== to - from) return false;
    for (let i = to - from - 1; i >= 0; i--) if (x[this.from + i] !== x[from + i]) return false;
    return true;
  }

  /** The value of the element whose tag was read last. */
  private value(shape: Shape): void {
    switch (shape.is) {
      case "struct":
        return this.struct(shape.members, false);
      case "list":
        return this.list(shape.item, shape.of());
      case "text":
      case "number":
      case "boolean":
        return this.leaf(shape.is);
    }
  }

  private struct(members: readonly Member[], isRoot: boolean): void {
    const { from, to } = this;
    this.write(OBJECT[0]);
    let isFirst = true;
    let next = 0;
    for (this.tag(); this.kind !== "ends"; this.tag()) {
      const member = this.find(members, next);
      if (member === undefined) {
        this.pass();
        continue;
      }
      next = members.indexOf(member) + 1;
      const shape = member.shape();
      if (this.kind === "empty" && (shape.is === "number" || shape.is === "boolean")) continue;
      if (!isFirst) this.write(COMMA);
      isFirst = false;
      this.append(member.key);
      const start = this.length;
      if (this.kind === "empty") this.empty(shape);
      else this.value(shape);
      if (shape.is === "text" && (isRoot || member.isId)) this.keep(member, start, isRoot);
    }
    if (!this.closes(from, to)) throw new BrokenXml(`<${this.named(from, to)}> is not closed`);
    this.write(OBJECT[1]);
  }

  /** Elements mostly come in the same order, so the search begins behind the one before. */
  private find(members: readonly Member[], first: number): Member | undefined {
    const { length } = members;
    for (let i = 0; i < length; i++) {
      const member = members[(first + i) % length];
      if (member !== undefined && this.isCalled(member.tag)) return member;
    }
    return undefined;
  }

  private keep({ name, isId }: Member, start: number, isRoot: boolean): void {
    const value = String(JSON.parse(decoder.decode(this.out.subarray(start, this.length))));
    if (isRoot) this.texts.set(name, value);
    if (isId) this.ids.push(value);
  }

  private list(item: Uint8Array, of: Shape): void {
    const { from, to } = this;
    this.write(ARRAY[0]);
    let isFirst = true;
    for (this.tag(); this.kind !== "ends"; this.tag()) {
      if (!this.isCalled(item)) {
        this.pass();
        continue;
      }
      if (!isFirst) this.write(COMMA);
      isFirst = false;
      if (this.kind === "empty") this.empty(of);
      else this.value(of);
    }
    if (!this.closes(from, to)) throw new BrokenXml(`<${this.named(from, to)}> is not closed`);
    this.write(ARRAY[1]);
  }

  private empty(shape: Shape): void {
    const marks = { struct: OBJECT, list: ARRAY, text: [QUOTE, QUOTE], number: NULL, boolean: NULL };
    for (const mark of marks[shape.is]) this.write(mark);
  }

  private leaf(is: "text" | "number" | "boolean"): void {
    const { x, from, to } = this;
    const start = this.at;
    let i = start;
    let isPlain = true;
    for (let byte = x[i]; byte !== OPEN; byte = x[++i]) {
      if (byte === undefined) throw new BrokenXml("it ends in the middle");
      if (byte === AMPERSAND || byte === QUOTE || byte === BACKSLASH || byte < SPACE) isPlain = false;
    }
    this.at = i;
    this.tag();
    if (!this.closes(from, to)) throw new BrokenXml(`<${this.named(from, to)}> is not closed`);
    if (is === "number") this.number(start, i);
    else if (is === "boolean") this.boolean(start, i);
    else if (isPlain) {
      this.write(QUOTE);
      this.append(x, start, i);
      this.write(QUOTE);
    } else this.append(encoder.encode(JSON.stringify(unescaped(decoder.decode(x.subarray(start, i))))));
  }

  private boolean(from: number, to: number): void {
    const word = this.x[from] === TRUE[0] ? TRUE : FALSE;
    let isGood = to - from === word.length;
    for (let i = 0; isGood && i < word.length; i++) isGood = this.x[from + i] === word[i];
    if (!isGood) throw new BrokenXml(`"${this.named(from, to)}" is neither true nor false`);
    this.append(word);
  }

  /** Short whole numbers are the same in JSON; the others are looked at. */
  private number(from: number, to: number): void {
    let isWhole = to - from < 16 && to > from && (this.x[from] !== ZERO || to === from + 1);
    for (let i = from; isWhole && i < to; i++) isWhole = (this.x[i] ?? 0) >= ZERO && (this.x[i] ?? 0) <= ZERO + 9;
    if (isWhole) return this.append(this.x, from, to);
    const text = this.named(from, to);
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) throw new BrokenXml(`"${text}" is no number`);
    this.append(encoder.encode(String(value)));
  }

  /** Past the element whose tag was read last. */
  private pass(): void {
    if (this.kind === "empty") return;
    const { from, to } = this;
    for (this.tag(); this.kind !== "ends"; this.tag()) this.pass();
    if (!this.closes(from, to)) throw new BrokenXml(`<${this.named(from, to)}> is not closed`);
  }

  private named(from: number, to: number): string {
    return decoder.decode(this.x.subarray(from, to));
  }

  private write(byte: number): void {
    if (this.length >= this.out.length) this.grow(1);
    this.out[this.length++] = byte;
  }

  private append(bytes: Uint8Array, from = 0, to = bytes.length): void {
    const size = to - from;
    if (this.length + size > this.out.length) this.grow(size);
    const { out } = this;
    let { length } = this;
    if (size > LONG) out.set(bytes.subarray(from, to), length);
    else for (let i = from; i < to; i++) out[length++] = bytes[i] ?? 0;
    this.length += size;
  }

  private grow(by: number): void {
    const larger = new Uint8Array(2 * (this.out.length + by));
    larger.set(this.out.subarray(0, this.length));
    this.out = larger;
  }
}

/** From so many bytes on, a copy in one piece is faster than one by one. */
const LONG = 100;
const NULL = [...encoder.encode("null")];
const [TRUE, FALSE] = [encoder.encode("true"), encoder.encode("false")];
const ZERO = "0".charCodeAt(0);

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const unescaped = (raw: string): string =>
  raw.replaceAll(/&(#x[\da-f]+|#\d+|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const point = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
