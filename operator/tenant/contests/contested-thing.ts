/** The objects and the parts of a database whose fields can be contested, by the action that repairs them. Pure. */
import { dataName, suspensionQuotaName } from '../../api/names.ts'
import type { Action, Stage, Target } from '../model/action.ts'
import { bindingSecretForm } from '../model/binding-secret.ts'
import { targetDigest } from '../database/database-target.ts'
import type { Difference } from '../namespace/object-differences.ts'
import { childDigest, digest } from '../../domain/fingerprint.ts'
import { digestOf } from '../namespace/namespace-actions.ts'

/** An object in a tenant's namespace, that namespace, or a part of the tenant's database on a server. */
export interface Thing {
  /** `Kind name`. */
  readonly id: string
  readonly namespace?: string
  /** The DatabaseServer. Things on a server are looked at now and then, and need no pause beyond that. */
  readonly server?: string
  readonly target: Target
  /** A digest of the desired state: another one resets the history. */
  readonly wanted: () => string
}

/** Undefined for an action that repairs nothing. */
export function thingOf(action: Action, target: Target): Thing | undefined {
  switch (action.kind) {
    case 'EnsureNamespace': {
      const { name, labels, annotations } = action.object.metadata
      return { id: `Namespace ${name}`, namespace: name, target, wanted: () => digest({ labels, annotations }) }
    }
    case 'EnsureBinding': {
      const { inputs } = action
      const wanted = () => childDigest('Secret', bindingSecretForm(inputs))
      return { id: `Secret ${inputs.name}`, namespace: inputs.namespace, target, wanted }
    }
    case 'EnsureChild': {
      const { childKind, object } = action.child
      const { name, namespace = '' } = object.metadata
      return { id: `${childKind} ${name}`, namespace, target, wanted: () => digestOf(action.child) }
    }
    case 'DeleteChild':
      return { id: `${action.childKind} ${action.name}`, namespace: action.namespace, target, wanted: () => 'nothing' }
    case 'EnsureRoles':
    case 'EnsureDatabase':
    case 'EnsureInside': {
      const { server, target: database } = action
      const id = `${inPostgres[action.kind]} ${dataName(database.names)}`
      return { id, server, target, wanted: () => targetDigest(database) }
    }
    default:
      return undefined
  }
}

const inPostgres = {
  EnsureRoles: 'roles of',
  EnsureDatabase: 'settings of',
  EnsureInside: 'contents of',
} as const

/** The ids of all things that a decision would repair. */
export function plannedThings(stages: readonly Stage[]): ReadonlySet<string> {
  const all = stages.flat().flatMap(({ actions, target }) => actions.map((action) => thingOf(action, target)?.id))
  return new Set(all.filter((id) => id !== undefined))
}

const guarding = /^(NetworkPolicy|RoleBinding|Secret) /

/** Whether a difference concerns isolation, roles or access. */
export function isGuard({ id }: Pick<Thing, 'id'>, { path }: Pick<Difference, 'path'>): boolean {
  if (guarding.test(id) || id === `ResourceQuota ${suspensionQuotaName}`) return true
  if (id.startsWith('ResourceQuota ')) return path.length === 0 || /^services[.]/.test(path.at(-1) ?? '')
  return id.startsWith('Namespace ') && /(^|[.])(kubernetes[.]io|tenantry[.]dev)\//.test(path.at(-1) ?? '')
}

/** Whether its content must not be revealed: passwords, and who has access. */
export function isPrivate({ id }: Pick<Thing, 'id'>): boolean {
  return /^(Secret|RoleBinding|ConfigMap) /.test(id)
}
