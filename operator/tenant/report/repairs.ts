/**
 * The repairs and losses of a pass, for Events, the metric and the log: by what the pass has done and by what the
 * status said before. Pure.
 */
import { findCondition } from '../../api/conditions.ts'
import { logLine } from '../../api/log-lines.ts'
import type { EventOfLoss } from '../../api/whys.ts'
import type { WrittenLine } from '../../api/log-lines.ts'
import { dataName } from '../../api/names.ts'
import type { TenantStatus } from '../../api/tenant.ts'
import type { OperatorEvent } from '../../api/events.ts'
import { bindingSecretName } from '../model/binding-secret.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Effect } from '../model/outcome.ts'
import { isSecretLost } from '../database/binding-secret-actions.ts'

/** The label of a repair in the metric. */
export const repairable = [
  'Claim',
  'Namespace',
  'Secret',
  'RoleBinding',
  'NetworkPolicy',
  'LimitRange',
  'ResourceQuota',
  'ConfigMap',
  'Database',
  'DatabaseRoles',
  'DatabaseContents',
  'DatabasePassword',
] as const

export type Repairable = (typeof repairable)[number]

export interface Repair {
  readonly what: Repairable
  /** Which thing, for people. */
  readonly name: string
}

/** In the order in which they were made; each thing once. */
export function repairsOf(effects: readonly Effect[]): readonly Repair[] {
  const found = effects.flatMap(({ why, action, contested }) =>
    why === 'repair' && contested !== true ? (repairOf(action) ?? []) : [],
  )
  return found.filter(({ name }, index) => found.findIndex((each) => each.name === name) === index)
}

function repairOf(action: Effect['action']): Repair | undefined {
  switch (action.kind) {
    case 'ClaimName':
      return { what: 'Claim', name: `claim ${action.claim.name}` }
    case 'EnsureNamespace':
      return { what: 'Namespace', name: `Namespace ${action.object.metadata.name}` }
    case 'EnsureBinding':
      return { what: 'Secret', name: `Secret ${action.inputs.name}` }
    case 'EnsureChild':
      return { what: action.child.childKind, name: `${action.child.childKind} ${action.child.object.metadata.name}` }
    case 'DeleteChild':
      return { what: action.childKind, name: `${action.childKind} ${action.name}` }
    case 'EnsureRoles':
      return { what: 'DatabaseRoles', name: `roles of the database ${dataName(action.target.names)}` }
    case 'SetPassword':
      return { what: 'DatabasePassword', name: `password of the database ${dataName(action.target.names)}` }
    case 'EnsureDatabase':
      return { what: 'Database', name: `settings of the database ${dataName(action.target.names)}` }
    case 'EnsureInside':
      return { what: 'DatabaseContents', name: `rights in the database ${dataName(action.target.names)}` }
    default:
      return undefined
  }
}

/** One Event for all repairs of one pass; the same again is a series. */
export function repaired({ tenant }: Pick<Snapshot, 'tenant'>, repairs: readonly Repair[]): readonly OperatorEvent[] {
  if (repairs.length === 0) return []
  const note = `Repaired, as another writer had changed or removed it: ${repairs.map(({ name }) => name).join(', ')}. The desired state had not changed. The audit log of the cluster and the server's log name the user.`
  return [{ regarding: tenant, type: 'Normal', reason: 'Repaired', action: 'Repair', note }]
}

/** A loss that cannot be repaired: the content is gone, or its users have to act. */
export interface Loss {
  readonly reason: EventOfLoss
  readonly note: string
  readonly line: WrittenLine
}

/** `after`: the status as the pass has left it. */
export function lossesOf(
  snapshot: Snapshot,
  effects: readonly Effect[],
  after: TenantStatus | undefined,
): readonly Loss[] {
  const found = effects.flatMap((effect) => [
    namespaceLoss(snapshot, effect),
    secretLoss(snapshot, effect),
    directoryLoss(effect),
    settingsLoss(effect),
  ])
  return [...found, dumpLoss(snapshot, after)].filter((loss) => loss !== undefined)
}

function namespaceLoss({ tenant: { status } }: Snapshot, { action, did }: Effect): Loss | undefined {
  if (action.kind !== 'EnsureNamespace' || did !== 'Created') return undefined
  const { name } = action.object.metadata
  if (status?.namespace !== name) return undefined
  const ready = findCondition(status.conditions, 'NamespaceReady')
  const since = ready?.reason === 'NamespaceTerminating' ? ready.lastTransitionTime : undefined
  const when = since === undefined ? 'It was found missing' : `Its deletion was noticed at ${since}`
  return {
    reason: 'NamespaceRecreated',
    note: `Another client deleted the namespace ${name}. Tenantry recreated it. ${when}. Its contents are lost: restore them from a backup, or deploy them again.`,
    line: logLine('NamespaceLost', { namespace: name, since }),
  }
}

function secretLoss(snapshot: Snapshot, { action }: Effect): Loss | undefined {
  const { tenant, names } = snapshot
  if (action.kind !== 'EnsureBinding' || tenant.status?.database?.binding === undefined || !isSecretLost(snapshot))
    return undefined
  return {
    reason: 'SecretRecreated',
    note: `The Secret ${bindingSecretName} in the namespace ${names.namespace}, or its password, was missing. Tenantry creates it with a new password; applications must read it again.`,
    line: logLine('SecretLost', { namespace: names.namespace, object: `Secret ${bindingSecretName}` }),
  }
}

function directoryLoss({ action, directoryLost }: Effect): Loss | undefined {
  if (directoryLost !== true || !('target' in action)) return undefined
  const database = dataName(action.target.names)
  return {
    reason: 'DirectoryRebuilt',
    note: `The admin directory in the database ${database} was missing. Tenantry recreated it with the current admins. The server's log names the user.`,
    line: logLine('DirectoryLost', { server: action.server, database }),
  }
}

function settingsLoss({ action, notCarried }: Effect): Loss | undefined {
  if (notCarried === undefined || !('target' in action)) return undefined
  const database = dataName(action.target.names)
  const parameters = notCarried.join(', ')
  return {
    reason: 'SettingsNotCarried',
    note: `The two logins of the database ${database} differ in parameters that the operator's account may not set: ${parameters}. Settings of the former login do not apply to the next one. As an administrator of the server, set them for both (ALTER ROLE … SET).`,
    line: logLine('SettingsNotCarried', { server: action.server, database, parameters }),
  }
}

/** The lost dump of a tenant that stays archived or is being deleted: a revived tenant needs none. */
function dumpLoss({ tenant: { status } }: Snapshot, after: TenantStatus | undefined): Loss | undefined {
  const archived = after?.phase === 'Archived' && after.purge === undefined ? status?.purge?.dump : undefined
  const deleted = after?.phase === 'Deleting' && after.deletion?.dump === undefined ? status?.deletion?.dump : undefined
  const path = archived ?? deleted
  if (path === undefined) return undefined
  return {
    reason: 'DumpLost',
    note: `The last dump is no longer at ${path}. The data is kept, and Tenantry takes another dump before it removes anything.`,
    line: logLine('DumpLost', { path }),
  }
}
