/**
 * The ConfigMap in a tenant's namespace that says who has access, why and until when: for the tenant's own users, who
 * see neither the MSP's TenantAdmins nor its AccessGrants. It follows the RoleBindings, and contains no address beyond
 * them. Pure.
 */
import { accessListName } from '../../api/names.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { ConfigMap } from '../../kube/resources.ts'
import { userOf } from '../../domain/person.ts'
import { accesses, firstAdmin } from '../access/admins.ts'
import type { Action } from '../model/action.ts'
import { childDigest } from '../../domain/fingerprint.ts'
import { isOwnChild, markAnnotations, markLabels } from '../../domain/marks.ts'
import { isCertainlyAbsent } from './namespace-actions.ts'
import type { Work } from './namespace-actions.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { isInForce } from '../../domain/admin-state.ts'

export type AccessOrigin = 'Own' | 'Inherited' | 'Delegation' | 'Masquerade'

/** One line of the list. */
export interface AccessEntry {
  /** The Kubernetes user. */
  readonly user: string
  readonly username: string
  readonly origin: AccessOrigin
  /** The ClusterRoles that this access binds the user to. */
  readonly roles: readonly string[]
  /** The origin of inherited access: the Cloud ID of the parent MSP. */
  readonly msp?: string
  /** `namespace/name` of the AccessGrant. */
  readonly grant?: string
  /** The username of the admin that the user of a masquerade acts for. */
  readonly as?: string
  readonly reason?: string
  readonly until?: string
}

/** The list is written, changed or removed where due; without access there is no list. */
export function accessListWork(
  snapshot: Snapshot,
  plan: { readonly spec: Pick<TenantPlan['spec'], 'roles'> },
  suspended: boolean,
): Work {
  const there = snapshot.children[childId('ConfigMap', accessListName)]
  const entries = accessEntries(snapshot, plan.spec.roles ?? {}, suspended)
  if (entries.length === 0) return { actions: noList(snapshot), wanted: [] }
  const object = accessList(snapshot, entries, suspended)
  const wanted = childDigest('ConfigMap', object)
  const isDue = there?.deleting !== true && there?.digest !== wanted
  const ensure: Action = {
    kind: 'EnsureChild',
    child: { childKind: 'ConfigMap', object },
    certainlyAbsent: isCertainlyAbsent(snapshot),
  }
  return { actions: isDue ? [ensure] : [], wanted: [wanted] }
}

function noList({ identity, names, children }: Snapshot): readonly Action[] {
  const there = children[childId('ConfigMap', accessListName)]
  if (there === undefined || there.deleting || !isOwnChild(there, identity)) return []
  const { namespace } = names
  return [{ kind: 'DeleteChild', childKind: 'ConfigMap', namespace, name: accessListName, uid: there.uid }]
}

function accessList({ identity, names }: Snapshot, entries: readonly AccessEntry[], suspended: boolean): ConfigMap {
  const shown = entries.slice(0, mostEntries)
  const more = entries.length - shown.length
  const lines = [
    ...(suspended ? ['The tenant is off: all users here may only read.'] : []),
    ...shown.map(sentence),
    ...(more === 0 ? [] : [`${more} more are in the RoleBindings of this namespace.`]),
  ]
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: accessListName,
      namespace: names.namespace,
      labels: markLabels(identity, 'access'),
      annotations: markAnnotations(identity),
    },
    data: { 'access.json': `${JSON.stringify(shown, undefined, 2)}\n`, 'access.txt': `${lines.join('\n')}\n` },
  }
}

/** A ConfigMap holds a mebibyte, and each entry stands in it twice. */
const mostEntries = 300

/** Own before inherited before granted, each sorted by user. `offered`: the plan's roles. */
export function accessEntries(
  snapshot: Snapshot,
  offered: Readonly<Record<string, string>>,
  suspended: boolean,
): readonly AccessEntry[] {
  const bound = accesses(snapshot, offered, suspended).map((access) => ({ ...access, holders: new Set(access.users) }))
  return [...people(snapshot), ...granted(snapshot)].flatMap(({ bindings, ...person }): AccessEntry[] => {
    const by = bound.filter(({ name, holders }) => bindings.test(name) && holders.has(person.user))
    return by.length === 0 ? [] : [{ ...person, roles: by.map(({ clusterRole }) => clusterRole) }]
  })
}

/** `bindings`: the existing RoleBindings of this origin. */
type Candidate = Omit<AccessEntry, 'roles'> & { readonly bindings: RegExp }

function people(snapshot: Snapshot): readonly Candidate[] {
  const { settings, home } = snapshot
  const listed = (admins: readonly TenantAdmin[], origin: 'Own' | 'Inherited', bindings: RegExp) =>
    admins
      .filter(isInForce)
      .flatMap((admin): Candidate[] => {
        const user = userOf(admin, admin.status?.invite, settings.userPrefix)
        const msp = origin === 'Inherited' && home.kind === 'Msp' ? { msp: cloudIdOf(home.parent) } : {}
        return user === undefined ? [] : [{ user, username: admin.spec.username, origin, ...msp, bindings }]
      })
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  const own = snapshot.admins.filter(({ spec }) => spec.role === 'Admin')
  const limited = snapshot.admins.filter(({ spec }) => spec.role === 'SubAdmin')
  const inherited = snapshot.parentAdmins.filter(({ spec }) => spec.role === 'Admin')
  return [
    ...listed(own, 'Own', /^tenantry-admins$/),
    ...listed(limited, 'Own', /^tenantry-role-/),
    ...listed(inherited, 'Inherited', /^tenantry-inherited-admins$/),
  ]
}

function granted({ grants, admins, home }: Snapshot): readonly Candidate[] {
  const admin = firstAdmin(admins)?.spec.username
  return grants.inForce.map(({ grant, type, user, username, reason, until }) => ({
    user,
    username,
    origin: type,
    ...(type === 'Delegation' && home.kind === 'Msp' ? { msp: cloudIdOf(home.parent) } : {}),
    grant,
    ...(type === 'Masquerade' && admin !== undefined ? { as: admin } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(until === undefined ? {} : { until }),
    bindings: /^tenantry-granted$/,
  }))
}

function cloudIdOf({ status, metadata }: Snapshot['tenant']): string {
  return status?.cloudId ?? metadata.name
}

function keyOf({ user, username }: Candidate): string {
  return `${user} ${username}`
}

function sentence({ user, username, origin, roles, msp, grant, as, reason, until }: AccessEntry): string {
  const why = {
    Own: 'of this tenant',
    Inherited: `admin of the MSP ${msp ?? ''}, which has all its customers`,
    Delegation: `technician of the MSP ${msp ?? ''}, by the AccessGrant ${grant ?? ''}`,
    Masquerade: `masquerades as ${as ?? 'an admin of this tenant'}, by the AccessGrant ${grant ?? ''}`,
  }[origin]
  const because = reason === undefined ? '' : ` Reason: ${reason}`
  const who = username === user ? user : `${username} (${user})`
  return `${who}: ${why}, bound to ${roles.join(', ')}, ${until === undefined ? 'without an end' : `until ${until}`}.${because}`
}
