import type { Raw } from "./raw.ts";
import { items, number, raw, text } from "./raw.ts";

/** The balancer of a listener: `…:loadbalancer/app/front/0123` of `…:listener/app/front/0123/4567`. */
export const balancerOf = (listener: string, of: Raw): string =>
  text(of["LoadBalancerArn"]) ?? without(listener.replace(":listener/", ":loadbalancer/"));

/** `…:listener-rule/app/front/0123/4567/89ab` is a rule of `…:listener/app/front/0123/4567`. */
export const listenerOf = (rule: string): string => without(rule.replace(":listener-rule/", ":listener/"));

const without = (arn: string): string => arn.replace(/\/[^/]*$/, "");

/** The accelerator of a listener or an endpoint group, and the listener of an endpoint group. */
export const acceleratorOf = (arn: string): string => arn.split("/listener/")[0] ?? arn;
export const acceleratorListenerOf = (group: string): string => group.split("/endpoint-group/")[0] ?? group;

/** What an item's list was asked for, where there is a list for each such thing. */
export const askedOf = (key: string, item: Raw): string | undefined => {
  const id = (member: string, of: (arn: string) => string): string | undefined => {
    const arn = text(item[member]);
    return arn === undefined ? undefined : of(arn);
  };
  switch (key) {
    case "Listeners":
      return id("ListenerArn", (arn) => balancerOf(arn, item));
    case "Rules":
      return id("RuleArn", listenerOf);
    case "AcceleratorListeners":
      return id("ListenerArn", acceleratorOf);
    case "EndpointGroups":
      return id("EndpointGroupArn", acceleratorListenerOf);
    default:
      return undefined;
  }
};

/** What an item does not say, without which nobody knows where it leads; undefined where it says all. */
export const lacking = (key: string, item: Raw): string | undefined => {
  switch (key) {
    case "Listeners":
      if (item["Protocol"] !== "GENEVE" && number(item["Port"]) === undefined) return "on which port it listens";
      return isActing(item["DefaultActions"]) ? undefined : "what it does with what it hears";
    case "Rules":
      return isActing(item["Actions"]) ? undefined : "what it does with what it matches";
    case "AcceleratorListeners": {
      const ranges = items(item["PortRanges"]);
      const isKnown = ranges.every((each) =>
        [each["FromPort"], each["ToPort"]].every((port) => number(port) !== undefined),
      );
      return ranges.length > 0 && isKnown ? undefined : "on which ports it listens";
    }
    case "EndpointGroups":
      return items(item["EndpointDescriptions"]).every((each) => text(each["EndpointId"]) !== undefined)
        ? undefined
        : "which its endpoints are";
    default:
      return undefined;
  }
};

const isActing = (actions: unknown): boolean =>
  items(actions).length > 0 &&
  items(actions).every((action) => {
    const groups = items(raw(action["ForwardConfig"])["TargetGroups"]);
    const isNamed = groups.length > 0 && groups.every((each) => text(each["TargetGroupArn"]) !== undefined);
    const type = text(action["Type"]);
    return type === "forward"
      ? isNamed || (groups.length === 0 && text(action["TargetGroupArn"]) !== undefined)
      : type !== undefined;
  });
