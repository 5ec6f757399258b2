import type { Source } from "#model/source.ts";
import { groupOf, keyOf, nameOf, subscriptionOf } from "./arm-id.ts";
import type { Fact } from "./facts.ts";
import {
  isRaw,
  items,
  member,
  memberItems,
  memberRaw,
  memberText,
  placeIn,
  raw as asRaw,
  refsOf,
  text,
} from "./raw.ts";

/** A machine, or an instance of a scale set, of which only what decides is kept. */
export interface VirtualMachine {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly subscription: string | undefined;
  readonly group: string | undefined;
  readonly location: string | undefined;
  /** Its interfaces by id, as far as the machine names them; undefined where the answer tells of its state alone. */
  readonly interfaces: readonly string[] | undefined;
  /** Everything that was said about whether it runs: `running`, `deallocated`. */
  readonly states: readonly { readonly state: string; readonly at: Source }[];
  readonly at: Source;
}

export const readMachine = ({ id, raw, at }: Fact): VirtualMachine => {
  const profile = memberRaw(raw, "networkProfile");
  const power = powerOf(raw, at);
  return {
    id,
    key: keyOf(id),
    name: memberText(raw, "name") ?? nameOf(id),
    subscription: subscriptionOf(id),
    group: groupOf(id),
    location: memberText(raw, "location")?.toLowerCase(),
    interfaces: profile === undefined ? undefined : refsOf(profile, "networkInterfaces"),
    states: power === undefined ? [] : [power],
    at,
  };
};

const CODE = "PowerState/";

/** The power state: a word of `az vm list -d`, or a code among the statuses of the instance view. */
const powerOf = (raw: Fact["raw"], at: Source): VirtualMachine["states"][number] | undefined => {
  const word = memberText(raw, "powerState");
  if (word !== undefined) return { state: word.replace(/^VM /i, "").toLowerCase(), at: placeIn(raw, at, "powerState") };
  const graph = asRaw(asRaw(asRaw(member(raw, "extended"))["instanceView"])["powerState"]);
  const code = text(graph["code"]);
  if (code?.toLowerCase().startsWith(CODE.toLowerCase()) === true)
    return {
      state: code.slice(CODE.length).toLowerCase(),
      at: { file: at.file, pointer: `${placeIn(raw, at, "extended").pointer}/instanceView/powerState/code` },
    };
  const view = member(raw, "instanceView");
  const [holder, where] = isRaw(view)
    ? [view, placeIn(raw, at, "instanceView")]
    : [raw, memberItems(raw, "statuses").length > 0 ? at : undefined];
  if (where === undefined) return undefined;
  const list = placeIn(holder, where, "statuses");
  for (const [i, each] of items(member(holder, "statuses")).entries()) {
    const status = text(each["code"]);
    if (status?.toLowerCase().startsWith(CODE.toLowerCase()) === true)
      return {
        state: status.slice(CODE.length).toLowerCase(),
        at: { file: list.file, pointer: `${list.pointer}/${i}/code` },
      };
  }
  return undefined;
};

/** Two answers about one machine, of which one may tell of its state alone. */
export const merged = (a: VirtualMachine, b: VirtualMachine): VirtualMachine => {
  const [first, second] = a.interfaces === undefined && b.interfaces !== undefined ? [b, a] : [a, b];
  return {
    ...first,
    location: first.location ?? second.location,
    interfaces: first.interfaces ?? second.interfaces,
    states: [...first.states, ...second.states],
  };
};
