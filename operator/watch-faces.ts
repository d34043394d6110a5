/** When a change of what many share is news: what others read of it, compared before and after. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { DatabaseServer } from './api/databaseserver.ts'
import { annotations } from './api/names.ts'
import type { TenantPlan } from './api/tenantplan.ts'
import type { KubeObject } from './kube/port.ts'
import type { Change } from './runtime/object-store.ts'

/** Whether what `face` shows of an object is another than it was; always, when it comes or goes. */
export function turns<V>(face: (value: V) => unknown): (change: Change<V>) => boolean {
  return ({ before, after }) =>
    before === undefined || after === undefined || !isDeepStrictEqual(face(before), face(after))
}

const nothingToTenants: ReadonlySet<string> = new Set(['Leftovers', 'ConnectionsSufficient', 'ApplicationsConnect'])

/**
 * What its tenants read of a DatabaseServer: not its counts, or each new tenant would wake all the others; and no edit before
 * the server was looked at, as nothing is done there until then.
 */
export function serverFace({ metadata, status }: DatabaseServer): unknown {
  const { labels: marks, deletionTimestamp } = metadata
  const told = status?.conditions?.filter(({ type }) => !nothingToTenants.has(type))
  const conditions = told?.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`)
  const setBackAt = status?.setBack?.noticedAt
  return { observedGeneration: status?.observedGeneration, marks, deletionTimestamp, conditions, setBackAt }
}

/** What tenants without a place read of it. */
export function serverRoom(server: DatabaseServer): unknown {
  return [serverFace(server), server.metadata.generation, server.status?.tenants]
}

/** All that is not the status: the generation stands for the spec and for the deletion. */
export function declaredFace({ metadata }: KubeObject): unknown {
  const { uid, generation, annotations: said, labels, finalizers } = metadata
  return [uid, generation, said, labels, finalizers]
}

/** What people ask of a plan or a server: its spec, its end (that counts as an edit), that this one is meant, and which server is accepted. */
export function askedFace({ metadata }: TenantPlan | DatabaseServer): unknown {
  const { allowDeletion, acceptServer } = annotations
  return [metadata.generation, metadata.annotations?.[allowDeletion], metadata.annotations?.[acceptServer]]
}
