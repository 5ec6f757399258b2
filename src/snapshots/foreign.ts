const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The cloud that an answer is of, where no provider here knows it: by the marks that Azure leaves. */
export const foreignCloud = (json: unknown): string | undefined => {
  const list = Array.isArray(json) ? json : isObject(json) ? [json, json["value"]].flat() : [];
  const first = list.filter(isObject).slice(0, 3);
  const marks = first.flatMap((each) => [each["type"], each["id"]]).filter((mark) => typeof mark === "string");
  return marks.some((mark) => mark.startsWith("Microsoft.") || /^\/subscriptions\//i.test(mark)) ? "Azure" : undefined;
};
