/** A DatabaseServer with all that its reconciler works with: a cluster and a server in memory, a clock held by hand. */
import type { DatabaseServer } from '../../../operator/api/databaseserver.ts'
import { Catalogues } from '../../../operator/databaseserver/catalogue-cache.ts'
import { judgeByTenants } from '../../../operator/databaseserver/placed.ts'
import { LastLooks } from '../../../operator/databaseserver/progress.ts'
import { createDatabaseServerReconciler } from '../../../operator/databaseserver/reconciler.ts'
import { ServerPool } from '../../../operator/databaseserver/server-pool.ts'
import { Waiting } from '../../../operator/databaseserver/waiting.ts'
import type { ServerAddress } from '../../../operator/postgres/model/address.ts'
import type { NewEvent } from '../../../operator/runtime/events/events.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { databaseNames } from '../../../operator/api/names.ts'
import { claimObject, cloudIdClaim } from '../../../operator/tenant/model/name-claim.ts'
import { databaseServer, definitionOf, tenant } from '../../gen.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { Cluster } from '../tenant/cluster.ts'
import { FakePostgres } from '../tenant/postgres.ts'

export const signal = new AbortController().signal
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Of the server `main`. */
export function adminSecret(password = 'one') {
  const metadata = { name: 'db-admin', namespace: 'tenantry-system' }
  return { apiVersion: 'v1', kind: 'Secret', metadata, data: { username: base64('op'), password: base64(password) } }
}

/** A Tenant that is placed on the server `main`, by its claim. */
export function place(
  { cluster }: Pick<ReturnType<typeof setUp>, 'cluster'>,
  name = 'acme',
  uid = `uid-${name}`,
): void {
  cluster.put(tenant({ name, uid }))
  const { identity, content } = claimOn('main', name, uid)
  cluster.put(claimObject(identity, content, 'tenantry-system'))
}

function claimOn(server: string, name: string, uid: string) {
  const identity = { installation: 'test', uid, tenant: `home/${name}`, formerUids: [] }
  const names = { cloudId: name, namespace: `tenant-${name}`, isolation: 'Database' as const }
  const on = { server, systemIdentifier: undefined }
  return { identity, content: cloudIdClaim(identity, { ...names, database: databaseNames('test', uid) }, on) }
}

/** The server `main` in a cluster in memory, with its reconciler; its Secret is not there yet. */
export function setUp() {
  const cluster = new Cluster()
  const postgres = new FakePostgres()
  const clock = new FakeClock()
  const opened: ServerAddress[] = []
  const { servers, claims, tenants, plans } = cluster.caches
  const pool = new ServerPool(
    {
      servers,
      claims,
      kube: cluster.kube,
      log: silent,
      connect: (address) => {
        opened.push(address)
        postgres.identifiers = address.identifiers ?? []
        return postgres
      },
    },
    'tenantry-system',
  )
  const catalogues = new Catalogues({
    clock,
    connect: pool.connect,
    sizes: { interval: 0, random: { fraction: () => 0 } },
    judge: judgeByTenants(cluster.caches),
  })
  const woken: string[] = []
  const wakeTenant = (uid: string) => void woken.push(uid)
  const asked: number[] = []
  const waiting = new Waiting({ wakeTenant, wakeServer: (_server, after) => void asked.push(after) }, 5_000)
  const told: string[] = []
  const events = { record: ({ type, reason, note }: NewEvent) => void told.push(`${type} ${reason}: ${note}`) }
  const make = () =>
    createDatabaseServerReconciler(
      {
        caches: { servers, claims, tenants, plans },
        kube: cluster.kube,
        clock,
        events,
        pool,
        catalogues,
        waiting,
        wakeTenant,
        lastLooks: new LastLooks(),
        log: silent,
      },
      { catalogueInterval: 60_000, retryInterval: 5_000 },
    )
  let reconcile = make()
  /** Another leadership begins, which remembers nothing. */
  const restart = () => void (reconcile = make())
  const status = () => cluster.find<DatabaseServer>('DatabaseServer', 'main')?.status
  const ready = () => status()?.conditions?.find(({ type }) => type === 'Ready')
  const stalled = () => status()?.conditions?.some(({ type }) => type === 'Stalled')
  cluster.put(definitionOf('databaseservers'))
  cluster.put(databaseServer())
  const pass = (name = 'main') => reconcile(name, signal)
  return {
    clock,
    catalogues,
    events: told,
    cluster,
    postgres,
    opened,
    pool,
    waiting,
    woken,
    asked,
    pass,
    status,
    ready,
    stalled,
    told,
    restart,
  }
}
