/** What happens in a random life: steps as data, each to be told in a plain sentence. */

/** Where a Tenant is declared, deleted and declared again. */
export interface Slot {
  readonly name: string
  readonly type: 'MSP' | 'Customer'
  /** The MSP in whose namespace it lies; in the home namespace without one. */
  readonly under?: string
}

export const slots: readonly Slot[] = [
  { name: 'nord', type: 'MSP' },
  { name: 'sued', type: 'MSP' },
  { name: 'anna', type: 'Customer' },
  { name: 'bert', type: 'Customer' },
  { name: 'carl', type: 'Customer' },
  { name: 'norda', type: 'Customer', under: 'nord' },
  { name: 'nordb', type: 'Customer', under: 'nord' },
  { name: 'sueda', type: 'Customer', under: 'sued' },
]

export const persons = ['ada', 'bob'] as const
export type Person = (typeof persons)[number]
export const states = ['Active', 'Deactivated', 'Archived'] as const
type State = (typeof states)[number]

/** What people delete by hand in a tenant's namespace: the path below it. */
export const children = [
  'secrets/tenantry-database',
  'networkpolicies/tenantry-isolation',
  'resourcequotas/tenantry-quota',
  'rolebindings/tenantry-admins',
] as const
type Child = (typeof children)[number]

/** About one Tenant. */
type TenantStep =
  | {
      readonly kind: 'declare'
      readonly isolation: 'Database' | 'Schema'
      readonly provisioning: 'Immediate' | 'OnAccept'
      /** Take over what an earlier Tenant of this slot has left. */
      readonly adopt: boolean
    }
  | { readonly kind: 'state'; readonly state: State }
  | { readonly kind: 'purge' | 'rotate' | 'delete' | 'retain' | 'deleteNamespace' }
  | { readonly kind: 'expire'; readonly when: 'past' | 'soon' | 'never' }
  | { readonly kind: 'rename'; readonly to: string }
  | { readonly kind: 'swap'; readonly other: string }
  | { readonly kind: 'limit'; readonly connections: number }
  | { readonly kind: 'deleteChild'; readonly child: Child }

/** About one TenantAdmin. */
type PersonStep =
  | { readonly kind: 'declareAdmin'; readonly newAddress: boolean }
  | { readonly kind: 'accept' | 'resend' | 'address' | 'deleteAdmin' }
  | { readonly kind: 'adminState'; readonly state: State }

/** About all. */
type CommonStep =
  | { readonly kind: 'plan'; readonly pods: number }
  | { readonly kind: 'kill' }
  | { readonly kind: 'postgres'; readonly mode: 'fast' | 'immediate'; readonly for: number }
  | { readonly kind: 'mail'; readonly for: number }

export type Act =
  | (TenantStep & { readonly slot: string })
  | (PersonStep & { readonly slot: string; readonly person: Person })
  | CommonStep

export interface Step {
  readonly act: Act
  /** Milliseconds from the beginning of its round. */
  readonly after: number
}

/** What is done, as a sentence. */
export function describe(act: Act): string {
  switch (act.kind) {
    case 'declare':
      return `Declare ${act.slot} (isolation ${act.isolation}, ${act.provisioning}${act.adopt ? ', adopt what was kept' : ''}).`
    case 'state':
      return `Set the state of ${act.slot} to ${act.state}.`
    case 'purge':
      return `Archive ${act.slot} for a second, and skip its last dump.`
    case 'rotate':
      return `Ask for another password of ${act.slot}.`
    case 'delete':
      return `Delete ${act.slot}.`
    case 'retain':
      return `Delete ${act.slot} and retain its data.`
    case 'deleteNamespace':
      return `Delete the namespace of ${act.slot} by hand.`
    case 'expire':
      return {
        past: `Let ${act.slot} be expired.`,
        soon: `Let ${act.slot} expire soon.`,
        never: `Let ${act.slot} end no more.`,
      }[act.when]
    case 'rename':
      return `Rename ${act.slot} to ${act.to}.`
    case 'swap':
      return `Let ${act.slot} and ${act.other} swap their Cloud IDs.`
    case 'limit':
      return `Give ${act.slot} ${act.connections} connections.`
    case 'deleteChild':
      return `Delete ${act.child} of ${act.slot} by hand.`
    default:
      return describeOther(act)
  }
}

function describeOther(act: Exclude<Act, TenantStep>): string {
  switch (act.kind) {
    case 'declareAdmin':
      return `Declare ${act.person} as an admin of ${act.slot}${act.newAddress ? ' with a new address' : ''}.`
    case 'accept':
      return `Let ${act.person} of ${act.slot} follow the link of the latest mail.`
    case 'resend':
      return `Ask for another invite to ${act.person} of ${act.slot}.`
    case 'address':
      return `Give ${act.person} of ${act.slot} another address.`
    case 'deleteAdmin':
      return `Delete ${act.person} of ${act.slot}.`
    case 'adminState':
      return `Set the state of ${act.person} of ${act.slot} to ${act.state}.`
    case 'plan':
      return `Let the plan give ${act.pods} pods.`
    case 'kill':
      return 'Kill the operator.'
    case 'postgres':
      return `Stop PostgreSQL (${act.mode}) for ${act.for} ms.`
    case 'mail':
      return `Take the mail relay down for ${act.for} ms.`
  }
}
