import type { Alternative } from "#model/inventory.ts";
import { everything } from "#packets/set.ts";
import type { Judges } from "./judges.ts";
import { machineState } from "./machine-state.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { text } from "./raw.ts";

/** Session Manager reaches a running machine whose agent answers; the agent calls out, so no port need be open. */
export const sessionManager = ({ facts }: Judges, to: NetworkInterface, machine: string): readonly Alternative[] => {
  const heard = facts.managed.get(machine) ?? [];
  const isOnline = heard.length > 0 && heard.every(({ raw }) => text(raw["PingStatus"]) === "Online");
  if (!isOnline) return [];
  return [
    {
      kind: "session-manager",
      id: machine,
      says: `Session Manager, for whoever may call ssm:StartSession: its agent on ${machine} is online, and needs no open port.`,
      cli: `aws ssm start-session --target ${machine}`,
      way: {
        origin: "network",
        interface: to.id,
        carries: everything,
        request: [{ gate: machineState(facts, to) }],
        reply: [],
      },
    },
  ];
};
