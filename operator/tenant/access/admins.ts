/** A tenant's admins: which of them count, their Kubernetes users, their entries in the directory. Pure. */
import { findCondition } from '../../api/conditions.ts'
import type { Reason } from '../../api/reasons.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { Verdict } from '../../api/verdict.ts'
import { acceptanceName, passwordName } from '../../api/names.ts'
import { addressOf, byRightToUsername, userOf } from '../../domain/person.ts'
import { grantedAccess } from './granted-binding.ts'
import type { PlannedEntry } from '../model/action.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TenantSettings } from '../model/settings.ts'
import { hasAccepted, isInForce } from '../../domain/admin-state.ts'
import type { Access } from '../model/access.ts'

function usersOf(admins: readonly TenantAdmin[], userPrefix: string): readonly string[] {
  const users = admins
    .map((admin) => userOf(admin, admin.status?.invite, userPrefix))
    .filter((user) => user !== undefined)
  return [...new Set(users)].toSorted()
}

/**
 * The RoleBindings by origin, only those with a subject. While the tenant is suspended they keep their names and
 * subjects, with read-only roles.
 */
export function accesses(
  snapshot: Snapshot,
  offered: Readonly<Record<string, string>>,
  suspended: boolean,
): readonly Access[] {
  const { settings, tenant } = snapshot
  const active = snapshot.admins.filter(isInForce)
  const inherited = snapshot.parentAdmins.filter((admin) => admin.spec.role === 'Admin' && isInForce(admin))
  const own = active.filter(({ spec }) => spec.role === 'Admin')
  const roleOf = (role: string) => (suspended ? settings.readerClusterRole : role)
  const clusterRole = roleOf(settings.adminClusterRoles[tenant.spec.type])
  const granted = roleOf(settings.grantedClusterRole)
  return [
    access('tenantry-admins', clusterRole, own, settings),
    access('tenantry-inherited-admins', clusterRole, inherited, settings),
    grantedAccess(snapshot.grants, granted, firstAdmin(snapshot.admins)?.spec.username, suspended),
    ...subAdminAccesses(active, suspended ? readOnly(offered, settings) : offered, settings),
  ].filter(({ users }) => users.length > 0)
}

function access(name: string, clusterRole: string, admins: readonly TenantAdmin[], settings: TenantSettings): Access {
  return { name, clusterRole, users: usersOf(admins, settings.userPrefix) }
}

/**
 * A role that the chart does not ship may allow less than the chart's reader role: its holders have no role meanwhile.
 */
function readOnly(
  offered: Readonly<Record<string, string>>,
  { suspendedRoles }: TenantSettings,
): Readonly<Record<string, string>> {
  const replaced = Object.entries(offered).flatMap(([role, clusterRole]): [string, string][] => {
    const reader = suspendedRoles[clusterRole]
    return reader === undefined ? [] : [[role, reader]]
  })
  return Object.fromEntries(replaced)
}

/** One binding per role that the plan offers and the chart allows Tenantry to bind. */
function subAdminAccesses(
  active: readonly TenantAdmin[],
  offered: Readonly<Record<string, string>>,
  settings: TenantSettings,
): readonly Access[] {
  const subAdmins = active.filter(({ spec }) => spec.role === 'SubAdmin')
  return Object.entries(offered)
    .filter(([, clusterRole]) => settings.bindableRoles.includes(clusterRole))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([role, clusterRole]) => {
      const holders = subAdmins.filter(({ spec }) => spec.permissions?.includes(role) ?? false)
      return access(`tenantry-role-${role}`, clusterRole, holders, settings)
    })
}

/** What keeps an invite from going out until a person acts. */
const undelivered: readonly (Reason | undefined)[] = [
  'MailPermanentError',
  'MailConfigurationError',
  'PasswordSecretInvalid',
  'TechnicianNotAllowed',
  'RoleNotOffered',
]

/**
 * Why no admin can accept for the tenant: none of them can be sent an invite. Undefined while one invite is on its way.
 */
export function uninvited({ admins }: Pick<Snapshot, 'admins'>): Verdict | undefined {
  const invited = admins.filter(
    ({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.state === 'Active',
  )
  const first = firstAdmin(invited)
  const reasonOf = ({ status }: TenantAdmin) => findCondition(status?.conditions, 'Stalled')?.reason
  const reason = first === undefined ? undefined : reasonOf(first)
  if (first === undefined || reason === undefined || admins.some(hasAccepted)) return undefined
  if (!invited.every((admin) => undelivered.includes(reasonOf(admin)))) return undefined
  const { metadata, spec } = first
  const message = `The invite of ${spec.username} cannot be sent, and no other admin is invited; the conditions of the TenantAdmin ${metadata.name} tell the cause and the remedy.`
  return { reason, message }
}

/** The admin in the overview: the first to accept, else the oldest. `admins` are sorted by age. */
export function firstAdmin(admins: readonly TenantAdmin[]): TenantAdmin | undefined {
  const leading = admins.filter(({ spec }) => spec.role === 'Admin')
  return leading.find(hasAccepted) ?? leading[0] ?? admins[0]
}

/** The directory: all admins who have accepted, the tenant's own first. */
export function directoryEntries(snapshot: Snapshot): readonly PlannedEntry[] {
  const { tenant, parentAdmins, home, passwordsChanged } = snapshot
  const own = usernameHolders(snapshot.admins.filter(({ spec }) => spec.role !== 'Technician'))
  const inherited = usernameHolders(parentAdmins.filter(({ spec }) => spec.role === 'Admin'))
  const origin = home.kind === 'Msp' ? `msp:${home.parent.status?.cloudId ?? home.parent.metadata.name}` : 'own'
  const ownEntry = (admin: TenantAdmin) => withPassword(entry(tenant, admin, 'own'), admin, passwordsChanged)
  return [...own.map(ownEntry), ...inherited.map((admin) => entry(tenant, admin, origin))]
    .filter((planned) => planned !== undefined)
    .toSorted((one, other) => (entryKey(one) < entryKey(other) ? -1 : 1))
}

/**
 * One admin per username, regardless of case: the first to accept holds it. A username can be changed to another
 * admin's after both have accepted; that TenantAdmin reports `UsernameTaken`, and is in no directory meanwhile.
 */
function usernameHolders(admins: readonly TenantAdmin[]): readonly TenantAdmin[] {
  const accepted = admins.filter((admin) => hasAccepted(admin) && admin.metadata.deletionTimestamp === undefined)
  const byUsername = Map.groupBy(accepted, ({ spec }) => spec.username.toLowerCase())
  return [...byUsername.values()].flatMap((rivals) => rivals.toSorted(byRightToUsername).slice(0, 1))
}

function entryKey({ entry: { origin, username } }: PlannedEntry): string {
  return `${origin === 'own' ? 0 : 1} ${origin} ${username}`
}

/** The later of both counts: who is invited again and accepts chooses a password anew. */
function withPassword(
  planned: PlannedEntry | undefined,
  { metadata, status }: TenantAdmin,
  passwordsChanged: Snapshot['passwordsChanged'],
): PlannedEntry | undefined {
  const { uid = '' } = metadata
  const at = passwordsChanged[uid]
  if (planned === undefined || at === undefined) return planned
  const acceptedAt = status?.invite?.acceptedAt
  const isLater = acceptedAt === undefined || Date.parse(at) >= Date.parse(acceptedAt)
  return isLater ? { ...planned, changed: { name: passwordName(uid), at } } : planned
}

function entry(tenant: Tenant, admin: TenantAdmin, origin: string): PlannedEntry | undefined {
  if (!hasAccepted(admin) || admin.metadata.deletionTimestamp !== undefined) return undefined
  const { spec, status, metadata } = admin
  const sequence = status?.invite?.sequence
  return {
    entry: {
      origin,
      username: spec.username,
      email: addressOf(admin, status?.invite),
      firstName: spec.firstName ?? '',
      lastName: spec.lastName ?? '',
      applicationRole: tenant.spec.defaultRole,
      status: spec.state,
      ...(status?.consent?.at === undefined ? {} : { consentAt: status.consent.at }),
    },
    acceptance:
      origin === 'own' && metadata.uid !== undefined && sequence !== undefined
        ? acceptanceName(metadata.uid, sequence)
        : undefined,
  }
}
