import { isRaw } from "#model/raw.ts";

const WITHHELD = "(withheld)";

/** Members that hold a secret, a script in which people keep some, or what one can be guessed from. No verdict needs them. */
const SECRETS: ReadonlySet<string> = new Set(
  [
    "adminPassword",
    "authorizationKey",
    "commandToExecute",
    "content",
    "customData",
    "keyData",
    "password",
    "protectedSettings",
    "protectedSettingsFromKeyVault",
    "publicSettings",
    "radiusServerSecret",
    "secrets",
    "settings",
    "sharedKey",
    "userData",
  ].map((name) => name.toLowerCase()),
);

/** Certificates and their keys: what a gateway holds of them is in `data`. */
const CERTIFICATES: ReadonlySet<string> = new Set([
  "authenticationcertificates",
  "sslcertificates",
  "trustedclientcertificates",
  "trustedrootcertificates",
]);

/** Takes out of an answer what is nobody's business. True where there was nothing of the kind. */
export const withhold = (value: unknown, within = false): boolean => {
  if (Array.isArray(value)) {
    let isClean = true;
    for (const each of value) isClean = withhold(each, within) && isClean;
    return isClean;
  }
  if (!isRaw(value)) return true;
  let isClean = true;
  for (const [name, member] of Object.entries(value)) {
    const known = name.toLowerCase();
    if (SECRETS.has(known) || (within && known === "data")) isClean = blank(value, name, member) && isClean;
    else isClean = withhold(member, within || CERTIFICATES.has(known)) && isClean;
  }
  return isClean;
};

const blank = (thing: object, name: string, value: unknown): boolean => {
  const isEmpty = value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
  return isEmpty || !Reflect.set(thing, name, WITHHELD);
};
