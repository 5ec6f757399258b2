import { aws } from "#providers/aws/index.ts";
import { admits } from "#resolve/whole.ts";
import { estate } from "./estate.ts";
const reader = aws.reader({ strict: false });
for (const page of estate(100000, 1)) { if (!/group|acl|prefix|vpcs/.test(page.name)) continue; for (const a of aws.recognise(JSON.parse(page.json), { file: "111122223333/eu-west-1/" + page.name, pointer: "" }) ?? []) reader.add(a);}
const inv = reader.inventory();
let t = performance.now();
const lists = [...inv.lists];
console.log("translate", lists.length, performance.now() - t); t = performance.now();
let n = 0; for (const l of lists) n += "rules" in l.gate ? l.gate.rules.length : 0;
console.log("rules", n);
t = performance.now();
for (const l of lists) admits(l.gate);
console.log("admits", performance.now() - t);
