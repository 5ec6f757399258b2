/** A name that Terraform takes, made of ids and addresses. */
export const label = (...parts: readonly string[]): string =>
  parts
    .join("_")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .replace(/_$/, "");

/** A value that names another resource, and so stands without quotes. */
export interface Reference {
  readonly ref: string;
}

/** One resource, its arguments in a column. */
export const block = (
  kind: string,
  name: string,
  members: Readonly<Record<string, string | number | boolean | Reference>>,
): string => {
  const width = Math.max(...Object.keys(members).map((key) => key.length));
  const lines = Object.entries(members).map(
    ([key, value]) =>
      `  ${key.padEnd(width)} = ${typeof value === "object" ? value.ref : typeof value === "string" ? JSON.stringify(value) : value}`,
  );
  return [`resource "${kind}" "${name}" {`, ...lines, "}"].join("\n");
};
