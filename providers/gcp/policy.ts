import type { Policy } from "#model/provider.ts";
import { permissions } from "./permissions.ts";

/** The id of the role that is written out here. */
export const ROLE = "sallyportReader";

/** What finds out which projects there are below a folder or an organisation. */
const TO_FIND: readonly string[] = [
  "resourcemanager.folders.list",
  "resourcemanager.organizations.get",
  "resourcemanager.projects.list",
];

/** What Google lets nobody give in a role of one project: it is about what is above projects. */
const ABOVE: ReadonlySet<string> = new Set([...TO_FIND, "compute.organizations.listAssociations"]);

/** What must be allowed on the organisation, or on a folder, to read all that is below. */
export const organizationPermissions: readonly string[] = [
  ...new Set([...permissions.map(({ call, needs = call }) => needs), ...TO_FIND]),
].toSorted();

/** What must be allowed in a project that is read by itself. */
export const projectPermissions: readonly string[] = organizationPermissions.filter((each) => !ABOVE.has(each));

const TITLE = "Sallyport Reader";
const SAYS = "Lets Sallyport read how the network is built. It can change nothing.";

const yaml = (included: readonly string[]): string =>
  `title: ${TITLE}
description: ${SAYS}
stage: GA
includedPermissions:
${included.map((each) => `- ${each}\n`).join("")}`;

export const policies: Readonly<Record<string, Policy>> = {
  role: {
    says: `the least role for one project: gcloud iam roles create ${ROLE} --project=PROJECT --file=role.yaml`,
    text: () => yaml(projectPermissions),
  },
  "organization-role": {
    says: `the same for all projects: gcloud iam roles create ${ROLE} --organization=ORGANIZATION --file=role.yaml`,
    text: () => yaml(organizationPermissions),
  },
  terraform: {
    says: "the role of an organisation, and who has it, as Terraform",
    text: (_hub, role = ROLE) => terraform(role),
  },
};

const terraform = (role: string): string => `variable "organization" {
  description = "The number of the organisation"
  type        = string
}

variable "member" {
  description = "Who reads, such as serviceAccount:sallyport@example.iam.gserviceaccount.com"
  type        = string
}

resource "google_organization_iam_custom_role" "sallyport" {
  org_id      = var.organization
  role_id     = "${role}"
  title       = "${TITLE}"
  description = "${SAYS}"
  permissions = [
${organizationPermissions.map((each) => `    "${each}",`).join("\n")}
  ]
}

resource "google_organization_iam_member" "sallyport" {
  org_id = var.organization
  role   = google_organization_iam_custom_role.sallyport.name
  member = var.member
}
`;
