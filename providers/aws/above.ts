import type { Raw } from "./raw.ts";
import { text } from "./raw.ts";

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
