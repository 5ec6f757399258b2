import { exposures } from "#checks/exposure.ts";
import { aws } from "#providers/aws/index.ts";
import { flowOf } from "#resolve/walk.ts";
import { admits } from "#resolve/whole.ts";
import { anyOf, begun } from "#packets/set.ts";
import { estate } from "./estate.ts";
const pages = [...estate(Number(process.argv[2] ?? 100000), 1)];
for (let r = 0; r < 2; r++) {
const reader = aws.reader({ strict: false });
let parse = 0, read = 0;
for (const page of pages) { let t = performance.now(); const j = JSON.parse(page.json); parse += performance.now() - t; t = performance.now(); for (const a of aws.recognise(j, { file: "111122223333/eu-west-1/" + page.name, pointer: "" }) ?? []) reader.add(a); read += performance.now() - t; }
let t = performance.now(); const lap = (n: string) => { console.log(n.padEnd(12), (performance.now() - t).toFixed(0)); t = performance.now(); };
const inv = reader.inventory(); const ms = [...inv.machines]; lap("inventory");
const lists = [...inv.lists]; lap("lists");
const adm = lists.map(l => admits(l.gate)); lap("admits");
const meets = exposures(0.5);
let n = 0; for (const a of adm) n += meets(a.surely).length; lap("exposures " );
const ways = ms.map(m => m.interfaces.flatMap(i => [...inv.doors(i)])); lap("doors");
const flows = ways.map(w => w.map(x => flowOf(x, begun))); lap("flows");
const sets = flows.map(f => anyOf(f.map(x => x.surely))); lap("anyOf");
for (const s of sets) n += meets(s).length; lap("meets");
console.log("distinct", new Set(sets).size, new Set(adm.map(a => a.surely)).size, "ways", ways.flat().length, "parse", parse.toFixed(0), "read", read.toFixed(0));
}
