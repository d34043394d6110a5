/** What the operator does when there is nothing to do. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseServer } from '../operator/api/databaseserver.ts'
import { isFarFrom, recordedProgress } from '../operator/databaseserver/progress.ts'
import { countBy } from '../test/harness/audit-log.ts'
import type { AuditMark } from '../test/harness/audit-log.ts'
import type { OperatorProcess } from '../test/harness/operator.ts'
import { eventually } from '../test/harness/wait.ts'
import type { World } from '../test/harness/world.ts'

export interface Writes {
  readonly total: number
  /** `patch tenants/status` → how many. */
  readonly kinds: Readonly<Record<string, number>>
  /** Of each, `namespace/resource/name`. */
  readonly paths: readonly string[]
}

/** The operator's writes since then, but for leases. */
export async function writesSince(
  world: World,
  operator: OperatorProcess,
  mark: AuditMark | undefined,
): Promise<Writes> {
  const writes = (await world.cluster.auditLog?.writes(mark)) ?? []
  const own = writes.filter(({ user, resource }) => user === operator.user && resource !== 'leases')
  const kinds = countBy(own, ({ verb, resource, subresource }) => {
    return `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`
  })
  const paths = own.map(({ resource, namespace, name }) => `${namespace}/${resource}/${name}`)
  return { total: own.length, kinds: Object.fromEntries(kinds), paths }
}

export async function markNow(world: World): Promise<AuditMark | undefined> {
  return await world.cluster.auditLog?.mark()
}

/** Waits until the operator has not written for longer than it waits to count together (operator/app/watches.ts). */
export async function settle(world: World, operator: OperatorProcess): Promise<void> {
  const still = async (): Promise<boolean> => {
    const mark = await markNow(world)
    await sleep(5000)
    return (await writesSince(world, operator, mark)).total === 0
  }
  await eventually(still, { timeout: 120_000, describe: 'the operator to rest' })
}

/** Waits until the operator has recorded how far the log of PostgreSQL has come: it does at its next look, once enough was written. */
export async function caughtUp(world: World): Promise<void> {
  await eventually(() => isRecorded(world), {
    timeout: 180_000,
    interval: 1000,
    describe: 'the server to be looked at',
  })
}

async function isRecorded({ api, postgres, installation: { server } }: World): Promise<boolean> {
  const found = await api.get<DatabaseServer>(`/apis/tenantry.dev/v1alpha1/databaseservers/${server}`)
  const recorded = recordedProgress(found?.status)
  const [row] = await postgres.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn')
  return recorded !== undefined && row !== undefined && !isFarFrom(recorded, { ...recorded, lsn: row.lsn })
}

export interface Quiet {
  readonly writes: Writes
  /** Statements of the operator's account, but for the queries that look at the catalogue, at sizes, at health and at which server it is. */
  readonly statements: Readonly<Record<string, number>>
  /** Those, which are allowed at their interval. */
  readonly checks: number
}

export async function quiet(world: World, operator: OperatorProcess, seconds: number): Promise<Quiet> {
  await world.postgres.query('SELECT pg_stat_statements_reset()')
  const mark = await markNow(world)
  await sleep(seconds * 1000)
  const rows = await world.postgres.query<{ query: string; calls: string }>(
    'SELECT query, calls FROM pg_stat_statements WHERE userid = $1::regrole',
    [world.postgres.operator.user],
  )
  const isCheck = ({ query }: { readonly query: string }) =>
    / AS (catalogue|health|identity|identifier)\b|pg_database_size|relpages/.test(query)
  const total = (some: typeof rows) => some.reduce((sum, { calls }) => sum + Number(calls), 0)
  const others = rows.filter((row) => !isCheck(row))
  return {
    writes: await writesSince(world, operator, mark),
    statements: Object.fromEntries(others.map(({ query, calls }) => [query.trim().slice(0, 100), Number(calls)])),
    checks: total(rows.filter(isCheck)),
  }
}
