/** The problems that a TenantAdmin can have, in the order in which they are reported. Pure. */
import { unfitCredential } from '../runtime/base/credential.ts'
import { firstOf } from '../api/verdict.ts'
import type { Check as CheckOf } from '../api/verdict.ts'
import { reconciling, stalled } from '../domain/invite-waits.ts'
import type { InviteVerdict } from '../domain/invite-waits.ts'
import { planInWords } from './invite/invite-outlook.ts'
import { byRightToUsername, sameUsername } from '../domain/person.ts'
import type { Snapshot } from './snapshot.ts'

type Check = CheckOf<Snapshot, InviteVerdict>

const technicianOfMsp: Check = ({ admin, home }) => {
  if (admin.spec.role !== 'Technician' || home.kind !== 'Found' || home.tenant.spec.type === 'MSP') return undefined
  return stalled(
    'TechnicianNotAllowed',
    `spec.role is Technician, but the Tenant ${home.tenant.metadata.name} is no MSP. Choose Admin or SubAdmin.`,
  )
}

const rolesOffered: Check = ({ admin, home }) => {
  if (admin.spec.role !== 'SubAdmin' || home.kind !== 'Found') return undefined
  if (home.offeredRoles === undefined)
    return reconciling(
      'PlanNotFound',
      `The roles in spec.permissions cannot be checked before the tenant's plan exists.`,
    )
  const unknown = (admin.spec.permissions ?? []).filter((role) => !home.offeredRoles?.includes(role))
  if (unknown.length === 0) return undefined
  const offered = home.offeredRoles.length === 0 ? 'no roles' : home.offeredRoles.toSorted().join(', ')
  return stalled(
    'RoleNotOffered',
    `spec.permissions names ${unknown.join(', ')}, which the tenant's plan does not offer; it offers ${offered}.`,
  )
}

const usernameFree: Check = ({ admin, others }) => {
  const rivals = others.filter((other) => other.metadata.deletionTimestamp === undefined && sameUsername(other, admin))
  const holder = [admin, ...rivals].toSorted(byRightToUsername)[0]
  if (holder === undefined || holder === admin) return undefined
  return stalled(
    'UsernameTaken',
    `spec.username ${admin.spec.username} is held by the TenantAdmin ${holder.metadata.name}. Choose another one.`,
  )
}

const placeFree: Check = ({ admin, home, ahead }) => {
  if (home.kind !== 'Found' || admin.status?.invite?.sequence !== undefined || ahead < home.maxAdmins) return undefined
  const { metadata } = home.tenant
  return stalled(
    'AdminLimitReached',
    `The Tenant ${metadata.name} may have ${home.maxAdmins} TenantAdmins (spec.admins.max of ${planInWords(home.tenant)}) and has them all. Delete one that is not needed, or raise the limit of the plan.`,
  )
}

const passwordUsable: Check = ({ admin, password }) => {
  const name = admin.spec.passwordSecretRef?.name ?? ''
  if (password === 'Missing')
    return reconciling('SecretNotFound', `The Secret ${name} of spec.passwordSecretRef is not in this namespace.`)
  if (password === 'Unfit')
    return stalled(
      'PasswordSecretInvalid',
      unfitCredential(`The entry password of the Secret ${name} (spec.passwordSecretRef)`),
    )
  if (password === 'Invalid')
    return stalled(
      'PasswordSecretInvalid',
      `The Secret ${name} of spec.passwordSecretRef must be of type tenantry.dev/admin-password and have a key password of 12 to 256 characters.`,
    )
  return undefined
}

const checks: readonly Check[] = [technicianOfMsp, rolesOffered, usernameFree, placeFree, passwordUsable]

/** The first thing that is not right. */
export function adminProblemOf(snapshot: Snapshot): InviteVerdict | undefined {
  return firstOf(checks, snapshot)
}
