/** When a change of what many share is news: what others read of it, compared before and after. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { DatabaseServer } from './api/databaseserver.ts'
import { annotations } from './api/names.ts'
import type { TenantPlan } from './api/tenantplan.ts'
import type { Change } from './runtime/object-store.ts'

/** Whether what `face` shows of an object is another than it was; always, when it comes or goes. */
export function turns<V>(face: (value: V) => unknown): (change: Change<V>) => boolean {
  return ({ before, after }) =>
    before === undefined || after === undefined || !isDeepStrictEqual(face(before), face(after))
}

/** What its tenants read of a DatabaseServer: not its counts, or each new tenant would wake all the others. */
export function serverFace({ metadata, status }: DatabaseServer): unknown {
  const { generation, labels: marks, deletionTimestamp } = metadata
  const told = status?.conditions?.filter(({ type }) => type !== 'Leftovers')
  const conditions = told?.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`)
  return { generation, marks, deletionTimestamp, conditions }
}

/** What tenants without a place read of it. */
export function serverRoom(server: DatabaseServer): unknown {
  return [serverFace(server), server.status?.tenants]
}

/** What people ask of a plan or a server: its spec, its end (that counts as an edit), and that this one is meant. */
export function askedFace({ metadata }: TenantPlan | DatabaseServer): unknown {
  return [metadata.generation, metadata.annotations?.[annotations.allowDeletion]]
}
