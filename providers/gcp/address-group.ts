import type { Match } from "#model/match.ts";
import { perhaps } from "#model/match.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { everything } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { listClients } from "./client.ts";
import type { Facts } from "./facts.ts";
import { texts } from "./raw.ts";

/** The addresses of a group, which another API tells than that of the rule. */
export const addressGroup = (facts: Facts, link: string, at: Source): Match => {
  const path = link.replace(/^.*?(?=(?:projects|organizations|folders)\/[^/]+\/locations\/)/, "");
  const fact = facts.things.addressGroups.get(path);
  const why = facts.contradictions.get(path);
  if (fact !== undefined && why === undefined) return listClients(texts(fact.raw["items"]), inside(fact.at, "items"));
  const how = "Add it to the snapshot: gcloud network-security address-groups describe --format=json.";
  return perhaps(everything, why ?? gap("missing", problems.notTold(`the address group ${link}`, how), at));
};
