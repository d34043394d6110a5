/**
 * The PostgreSQL parameters that a tenant's sessions start with: the plan's, overridden by its own. An MSP's admins
 * choose for its customers within the limits of their plan. Pure.
 */
import { failureVerdict } from '../../api/failures.ts'
import { parameterKinds } from '../../api/parameters.ts'
import type { ParameterKind } from '../../api/parameters.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Snapshot } from '../model/snapshot.ts'

type Parameters = Readonly<Record<string, string>>

/** Without the tenant's own parameters that it may not have. */
export function parametersOf(snapshot: Pick<Snapshot, 'tenant' | 'home'>, { spec }: TenantPlan): Parameters {
  const planned = spec.database.parameters ?? {}
  const own = Object.entries(snapshot.tenant.spec.database.parameters ?? {})
  return { ...planned, ...Object.fromEntries(own.filter(([name, value]) => mayHave(snapshot, planned, name, value))) }
}

/** The tenant's first own parameter that goes beyond the plan, with the plan's value. */
export function parameterBeyond(
  snapshot: Pick<Snapshot, 'tenant' | 'home'>,
  { spec }: TenantPlan,
): { readonly name: string; readonly value: string; readonly most: string } | undefined {
  const planned = spec.database.parameters ?? {}
  const own = Object.entries(snapshot.tenant.spec.database.parameters ?? {})
  return own
    .filter(([name, value]) => !mayHave(snapshot, planned, name, value))
    .map(([name, value]) => ({ name, value, most: planned[name] ?? '' }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))[0]
}

function mayHave({ home }: Pick<Snapshot, 'home'>, planned: Parameters, name: string, value: string): boolean {
  const most = planned[name]
  if (home.kind !== 'Msp' || most === undefined) return true
  const kinds: Readonly<Record<string, ParameterKind>> = parameterKinds
  switch (kinds[name]) {
    case 'Timeout':
      return amountOf(value, milliseconds, Infinity) <= amountOf(most, milliseconds, Infinity)
    case 'Size':
      return amountOf(value, kilobytes, 0) <= amountOf(most, kilobytes, 0)
    default:
      return true
  }
}

const milliseconds = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 }
const kilobytes = { kB: 1, MB: 1_024, GB: 1_048_576, TB: 1_073_741_824 }

/** `none`: what 0 stands for. */
function amountOf(text: string, units: Readonly<Record<string, number>>, none: number): number {
  const [, digits = '0', unit = ''] = /^([0-9]+)([A-Za-z]*)$/.exec(text) ?? []
  const count = Number(digits)
  return count === 0 ? none : count * (units[unit] ?? 1)
}

/** The verdict where the server refuses the values of these parameters; everything else of the tenant is in place. */
export function parametersRefused(server: string, names: readonly string[]): Verdict {
  const fields = names.map((name) => `spec.database.parameters.${name}`).join(', ')
  return failureVerdict('ParameterRefused', { server, words: fields })
}
