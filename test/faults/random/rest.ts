/** What is not at rest yet, as sentences: by conditions and generations, as anybody would wait for it. */
import type { Stored } from '../../harness/api.ts'
import { endOf } from '../../model/wanted.ts'
import { conditionOf } from '../life.ts'
import { tenantOf } from './persons.ts'
import { customersOf, living, titleOf } from './view.ts'
import type { View } from './view.ts'

/** Milliseconds in which nothing shall end by itself, so that a look and the silence after it see the same. */
const calm = 7000

export function unrest(view: View): readonly string[] {
  return [...view.facts.tenants.flatMap((tenant) => tenantUnrest(tenant, view)), ...adminUnrest(view)]
}

function tenantUnrest(tenant: Stored, view: View): readonly string[] {
  const title = titleOf(tenant)
  if (tenant.metadata.deletionTimestamp !== undefined) {
    const waits = customersOf(tenant, view).length > 0 && conditionOf(tenant, 'Stalled')?.reason === 'HasCustomers'
    return waits ? [] : [`${title} is still being deleted: ${conditionOf(tenant, 'Ready')?.message}`]
  }
  const database = (tenant.status?.['database'] ?? {}) as Readonly<Record<string, unknown>> // of our own schema
  const { aliases = [] } = (tenant.status ?? {}) as { readonly aliases?: readonly unknown[] } // of our own schema
  const end = endOf(tenant)
  return [
    ...unfinished(tenant),
    ...(database['rotation'] === undefined && database['formerLoginUntil'] === undefined
      ? []
      : [`${title} has a rotation under way.`]),
    ...(aliases.length === 0 ? [] : [`${title} has former names still.`]),
    ...(end !== undefined && end > view.now && end < view.now + calm ? [`${title} is about to expire.`] : []),
  ]
}

function adminUnrest(view: View): readonly string[] {
  return view.facts.admins.flatMap((admin) => {
    if (admin.metadata.deletionTimestamp !== undefined) return [`${titleOf(admin)} is still being deleted.`]
    return waitsForTenant(admin, view) ? [] : unfinished(admin)
  })
}

/** There is no tenant, or a person has to do something about it first. */
function waitsForTenant(admin: Stored, view: View): boolean {
  const reference = (admin.spec?.['tenantRef'] ?? {}) as { readonly name?: string } // of our own schema
  const tenant = living(view).find(
    ({ metadata }) => metadata.namespace === admin.metadata.namespace && metadata.name === reference.name,
  )
  return tenant === undefined || conditionOf(tenant, 'Stalled') !== undefined || tenantOf(admin) === undefined
}

function unfinished(object: Stored): readonly string[] {
  const title = titleOf(object)
  if (object.status?.['observedGeneration'] !== object.metadata.generation) return [`${title} is not observed yet.`]
  const reconciling = conditionOf(object, 'Reconciling')
  return reconciling === undefined ? [] : [`${title} is under way: ${reconciling.reason}: ${reconciling.message}`]
}
