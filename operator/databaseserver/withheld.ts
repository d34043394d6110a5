/**
 * The declared parameters that a server cannot take, as it is too old for them or the operator's account may not set
 * them. The DatabaseServer reports them, not each tenant, as the tenants lack nothing else. Pure.
 */
import type { Tenant } from '../api/tenant.ts'
import type { TenantPlan } from '../api/tenantplan.ts'
import { firstVersionWith, withheld } from '../postgres/model/declared.ts'
import { identifier } from '../postgres/model/quote.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import type { ObservedDatabase } from '../postgres/model/observed-database.ts'

/** The message; undefined where nothing is left out, or no tenant is affected. */
export function withheldParameters(
  users: readonly Tenant[],
  plans: Pick<Cache<TenantPlan>, 'get'>,
  found: ReadonlyMap<string, ObservedDatabase>,
): string | undefined {
  const [seen] = found.values()
  if (seen === undefined) return undefined
  const names = new Set(users.flatMap((tenant) => declaredFor(tenant, plans)))
  const sentences = [...names].toSorted().flatMap((name) => sentence(name, seen) ?? [])
  return sentences.length === 0 ? undefined : sentences.join(' ')
}

function declaredFor({ spec, status }: Tenant, plans: Pick<Cache<TenantPlan>, 'get'>): readonly string[] {
  const planned = status?.plan === undefined ? undefined : plans.get(status.plan)?.spec.database.parameters
  return Object.keys({ ...planned, ...spec.database.parameters })
}

function sentence(name: string, seen: ObservedDatabase): string | undefined {
  switch (withheld(name, seen)) {
    case 'NotGranted':
      return `The parameter ${name}, which is declared for tenants, is left out here, as the operator's account may not set it; to allow it, run as an administrator of the server: GRANT SET ON PARAMETER ${name} TO ${identifier(seen.operator)};`
    case 'TooOld':
      return `The parameter ${name}, which is declared for tenants, is left out here: PostgreSQL has it from version ${firstVersionWith(name)} on.`
    default:
      return undefined
  }
}
