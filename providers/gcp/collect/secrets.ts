import { isRaw, items, text } from "../raw.ts";

const WITHHELD = "(withheld)";

/** Members that hold a secret, or what one can be guessed from. */
const SECRETS: ReadonlySet<string> = new Set([
  "accessKey",
  "oauth2ClientSecret",
  "rawKey",
  "rsaEncryptedKey",
  "sharedSecret",
  "sharedSecretHash",
]);

/** Metadata of machines that tells who may log in, and how. All other metadata is whatever its owner put there. */
const KEPT =
  /^(?:enable-oslogin(?:-2fa|-sk)?|block-project-ssh-keys|serial-port-enable|enable-guest-attributes|enable-windows-ssh|vmDnsSetting)$/i;

/**
 * Takes out of an answer what is nobody's business: the metadata of machines and projects, in which people keep start-up
 * scripts, keys and passwords, and the keys of tunnels. True where there was nothing of the kind.
 */
export const withhold = (value: unknown): boolean => {
  if (Array.isArray(value)) {
    let isClean = true;
    for (const each of value) isClean = withhold(each) && isClean;
    return isClean;
  }
  if (!isRaw(value)) return true;
  let isClean = true;
  for (const [name, member] of Object.entries(value)) {
    if (name === "metadata" || name === "commonInstanceMetadata") {
      const some = isRaw(member) ? items(member["items"]).filter((item) => !KEPT.test(text(item["key"]) ?? "")) : [];
      for (const item of some) isClean = blank(item, "value") && isClean;
    } else if (name === "md5AuthenticationKeys") {
      for (const key of items(member)) isClean = blank(key, "key") && isClean;
    } else if (SECRETS.has(name)) isClean = blank(value, name) && isClean;
    else isClean = withhold(member) && isClean;
  }
  return isClean;
};

const blank = (thing: object, member: string): boolean => {
  const value: unknown = Reflect.get(thing, member);
  return value === undefined || value === null || value === "" || !Reflect.set(thing, member, WITHHELD);
};
