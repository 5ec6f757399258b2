/** How text is shown: how wide, and with which colours. Without a terminal there are none. */
export interface Look {
  readonly width: number;
  readonly paint: (as: "good" | "bad" | "doubt" | "quiet" | "strong", text: string) => string;
}

/**
 * A text from outside, made safe for a terminal: control characters, escapes and marks that turn the direction of
 * writing are shown by their number, so that a name can neither colour, hide nor rearrange what stands around it.
 */
export const safe = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (mark) => `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );

/**
 * An id as a person reads it: of a link, what stands behind the host and the version; of an ARM id, the resource group
 * and what stands behind the provider.
 */
export const brief = (id: string): string => safe(id.replaceAll(LINK, "").replaceAll(ARM, "$1/"));

const LINK = /https:\/\/[^/\s]+\/(?:[^/\s]+\/)*?v\d+\//g;
const ARM = /\/subscriptions\/[^/\s]+\/resourceGroups\/([^/\s]+)\/providers\/[^/\s]+\//gi;

/** A thing by its id, and by its name where the id does not end in it. */
export const called = (id: string, name: string | undefined): string =>
  name === undefined || id.endsWith(`/${name}`) ? brief(id) : `${brief(id)} (${safe(name)})`;

/** Breaks a text into lines of at most `width`, between words where it can be. */
export const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
};

/** A text below `first`, which stands before its first line; the others are indented alike. */
export const hang = (first: string, text: string, width: number): string => {
  if (width - first.length < 24 && first.trimStart().length > 2)
    return [first.trimEnd(), ...wrap(text, width - 4).map((line) => `    ${line}`)].join("\n");
  const indent = " ".repeat(first.length);
  return wrap(text, Math.max(width - first.length, 16))
    .map((line, i) => `${i === 0 ? first : indent}${line}`)
    .join("\n");
};
