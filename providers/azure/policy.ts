import type { Policy } from "#model/provider.ts";
import { permissions } from "./permissions.ts";

/** The name of the role that is written out here. */
export const ROLE = "Sallyport Reader";

/** What comes with a call: whether instances of a scale set run, and answers that are asked for until they are ready. */
const BESIDES: readonly string[] = [
  "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/instanceView/read",
  "Microsoft.Network/locations/operationResults/read",
  "Microsoft.Network/locations/operations/read",
];

/** What must be allowed on every subscription that is read. */
export const actions: readonly string[] = [...new Set([...permissions.map(({ call }) => call), ...BESIDES])].toSorted();

/** What Azure's own Reader does not allow, although it only reads. */
export const beyondReader: readonly string[] = actions.filter((action) => !action.endsWith("/read"));

const SAYS = "Lets Sallyport read how the network is built. It can change nothing.";
const SCOPE = "/subscriptions/00000000-0000-0000-0000-000000000000";

export const policies: Readonly<Record<string, Policy>> = {
  role: {
    says: "the least role, with your subscriptions for the zeros: az role definition create --role-definition role.json",
    text: (_hub, role = ROLE) => json(role, actions),
  },
  "beside-reader": {
    says: "what Azure's own Reader lacks, as a role to give beside it",
    text: (_hub, role = `${ROLE} (beside Reader)`) => json(role, beyondReader), // names are one's own in a tenant
  },
  bicep: {
    says: "the least role, and who has it: az deployment sub create --template-file role.bicep --parameters principal=…",
    text: (_hub, role = ROLE) => bicep(role),
  },
  terraform: {
    says: "the least role, and who has it, as Terraform",
    text: (_hub, role = ROLE) => terraform(role),
  },
};

const json = (role: string, allowed: readonly string[]): string =>
  `${JSON.stringify(
    {
      Name: role,
      IsCustom: true,
      Description: SAYS,
      Actions: allowed,
      NotActions: [],
      DataActions: [],
      NotDataActions: [],
      AssignableScopes: [SCOPE],
    },
    null,
    2,
  )}\n`;

const bicep = (role: string): string => `targetScope = 'subscription'

@description('The object id of who reads: a user, a group or a service principal')
param principal string

@allowed(['User', 'Group', 'ServicePrincipal'])
param principalType string = 'ServicePrincipal'

resource reader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, '${role}')
  properties: {
    roleName: '${role}'
    description: '${SAYS}'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
${actions.map((action) => `          '${action}'`).join("\n")}
        ]
        notActions: []
      }
    ]
    assignableScopes: [subscription().id]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principal, reader.id)
  properties: {
    principalId: principal
    principalType: principalType
    roleDefinitionId: reader.id
  }
}
`;

const terraform = (role: string): string => `variable "subscriptions" {
  description = "The ids of the subscriptions that are read"
  type        = set(string)
}

variable "principal" {
  description = "The object id of who reads: a user, a group or a service principal"
  type        = string
}

resource "azurerm_role_definition" "sallyport" {
  for_each    = var.subscriptions
  name        = "${role} \${each.value}"
  scope       = "/subscriptions/\${each.value}"
  description = "${SAYS}"

  permissions {
    actions = [
${actions.map((action) => `      "${action}",`).join("\n")}
    ]
  }

  assignable_scopes = ["/subscriptions/\${each.value}"]
}

resource "azurerm_role_assignment" "sallyport" {
  for_each           = var.subscriptions
  scope              = "/subscriptions/\${each.value}"
  role_definition_id = azurerm_role_definition.sallyport[each.value].role_definition_resource_id
  principal_id       = var.principal
}
`;
