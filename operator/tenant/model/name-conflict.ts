/**
 * The messages of CloudIdConflict and HostConflict. validation/problems.ts decides them from the caches, and
 * apply/name-claims.ts at the write. Pure.
 */
import { annotations } from '../../api/names.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { Identity } from '../../domain/marks.ts'
import type { NameClaim } from '../../domain/caches.ts'
import { isEarlier } from './earlier-tenant.ts'
import type { NameReason } from './errors.ts'

/** `name`: what the earlier Tenant holds, in words. */
function heldByEarlier(name: string, { tenant, holder }: Pick<NameClaim, 'tenant' | 'holder'>): string {
  const own = tenant.slice(tenant.indexOf('/') + 1)
  return `${name} is held for the earlier Tenant ${tenant} with the uid ${holder}, which is gone; its data may still exist. To take all of it over, annotate this Tenant with ${annotations.adopt}: ${holder}. To start without it, annotate this Tenant with ${annotations.giveUp}: ${own}; then only the names are released, and the earlier namespace and database stay until an administrator removes them.`
}

const named = {
  CloudId: { reason: 'CloudIdConflict', what: 'The Cloud ID', field: 'one in spec.cloudId' },
  Host: { reason: 'HostConflict', what: 'The host name', field: 'subdomain in spec.subdomain' },
} as const satisfies Record<
  NameClaim['kind'],
  { readonly reason: NameReason; readonly what: string; readonly field: string }
>

/** The holder of the name is not revealed where it may be another MSP's customer. */
export function nameTaken(
  kind: NameClaim['kind'],
  value: string | undefined,
  claim: NameClaim,
  identity: Identity,
): Verdict & { readonly reason: NameReason } {
  const { reason, what, field } = named[kind]
  const name = `${what} ${value}`
  const message = isEarlier(claim, identity)
    ? heldByEarlier(name, claim)
    : `${name} is taken by another tenant. Choose another ${field}.`
  return { reason, message }
}
