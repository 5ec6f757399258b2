import type { Gap } from "#model/gap.ts";
import { keyOf, nameOf, subscriptionOf } from "./arm-id.ts";
import type { Facts } from "./facts.ts";
import { gapFor } from "./facts.ts";
import { memberRaw, memberText, number } from "./raw.ts";

/** Uniform scale sets whose interfaces nobody read: no list of interfaces tells those of their instances (azure.md A10). */
export const unlistedSets = (facts: Facts, subscription: string): readonly Gap[] =>
  [...facts.things.virtualMachineScaleSets.values()].flatMap(({ id, raw, at }): readonly Gap[] => {
    const isUniform = memberText(raw, "orchestrationMode")?.toLowerCase() !== "flexible";
    const isEmpty = number(memberRaw(raw, "sku")?.["capacity"]) === 0;
    if (subscriptionOf(id) !== subscription || !isUniform || isEmpty || facts.listedSets.has(keyOf(id))) return [];
    const what = `the interfaces of scale set ${nameOf(id)}`;
    return [gapFor(facts, "scaleSetNetworkInterfaces", what, subscription, at)];
  });
