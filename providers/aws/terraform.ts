export { block, label } from "#model/terraform.ts";
export type { Reference } from "#model/terraform.ts";
