/** The prerequisites of a tenant: what must be there before anything is made for it. Pure. */
import { firstAdmin } from '../access/admins.ts'
import { hasStarted, isAccepted } from '../model/life-stage.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Check, Verdict } from '../../api/verdict.ts'

/** Nothing new is begun below an MSP that is being deleted. */
export const parentDeleted: Check<Snapshot> = (snapshot) => {
  if (hasStarted(snapshot) || snapshot.home.kind !== 'Msp') return undefined
  const deleted = snapshot.home.ancestors.find(({ metadata }) => metadata.deletionTimestamp !== undefined)
  if (deleted === undefined) return undefined
  return {
    reason: 'ParentDeleted',
    message: `The parent MSP ${deleted.metadata.name} is being deleted. Tenantry creates nothing for this tenant.`,
  }
}

/** `msp`: `namespace/name` of the MSP whose Tenant does not exist. */
export function parentKept(msp: string): Verdict {
  return {
    reason: 'Misplaced',
    message: `The parent MSP ${msp}, in whose namespace this tenant lies, does not exist. Declare it again, or delete this Tenant. Until then Tenantry leaves this tenant as it is.`,
  }
}

/** The tenant's server cannot be recorded while a swap holds its claim. */
export const recordAway: Check<Snapshot> = ({ names, renaming }) =>
  names.server !== undefined || renaming.decided.length === 0
    ? undefined
    : {
        reason: 'Renaming',
        message: 'The names of the tenant are being swapped. Tenantry creates it under the new name.',
      }

/** The tenant waits for its admin's answer. */
export function awaitingAcceptance(snapshot: Snapshot): Verdict | undefined {
  if (snapshot.tenant.spec.provisioning === 'Immediate' || hasStarted(snapshot) || isAccepted(snapshot))
    return undefined
  return { reason: 'AwaitingAcceptance', message: acceptanceMessage(snapshot) }
}

function acceptanceMessage({ admins, tenant }: Snapshot): string {
  const admin = firstAdmin(admins)
  const { name } = tenant.metadata
  if (admin === undefined) {
    return `The tenant has no admin. Create a TenantAdmin with spec.tenantRef.name: ${name} in this namespace; Tenantry creates the tenant when that admin accepts the invite.`
  }
  switch (admin.status?.invite?.status) {
    case 'Expired':
      return `The invite of ${admin.spec.username} has expired. Resend it with the annotation tenantry.dev/resend-requested-at on the TenantAdmin ${admin.metadata.name}.`
    case 'EmailSendingFailed':
      return `The invite of ${admin.spec.username} could not be sent; the conditions of the TenantAdmin ${admin.metadata.name} name the cause.`
    case 'NotYetActive':
    case undefined:
      return `Tenantry creates the tenant when ${admin.spec.username} accepts the invite, which has not been sent yet.`
    default:
      return `Tenantry creates the tenant when ${admin.spec.username} accepts the invite.`
  }
}

/**
 * First the names, then what is made and recorded under them: a namespace keeps the Cloud ID of that moment in its name
 * for good.
 */
export const renamesFirst: Check<Snapshot> = (snapshot) => {
  const { names, renaming } = snapshot
  if (hasStarted(snapshot) || !names.recorded) return undefined
  const { cloudId, host } = renaming.wanted
  const sameHost = host === undefined || names.host === undefined || host === names.host
  if (cloudId === names.cloudId && sameHost) return undefined
  return { reason: 'Renaming', message: 'The tenant is being renamed first, then created.' }
}
