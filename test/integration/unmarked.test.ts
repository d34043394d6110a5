/** A server that comes back without the comments on its roles, as after a logical import: what the tenant's is can be marked again. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { Postgres } from '../harness/postgres.ts'
import { openServerScene } from './server-scene.ts'
import type { DeclaredServer, ServerScene } from './server-scene.ts'
import { bindingOf, conditionOf, databaseOf, isReady, logIn, paths, waitsFor } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let opened: ServerScene
let scene: Scene
let postgres: Postgres
let server: DeclaredServer
test.before(async (t) => {
  t.timeout(120_000)
  opened = await openServerScene({ isolation: ['Database', 'Schema'] })
  ;({ scene, postgres, server } = opened)
})
test.after.always(() => opened?.[Symbol.asyncDispose]())

const isolations = ['Database', 'Schema'] as const

async function withData(t: ExecutionContext, isolation: (typeof isolations)[number]): Promise<Tenant> {
  const tenant = await scene.provisioned({ database: { server: server.name, isolation } })
  t.timeout(300_000)
  await using session = await logIn(await bindingOf(scene, tenant))
  await session.query('CREATE TABLE orders AS SELECT generate_series(1, 100) AS id')
  return tenant
}

async function unmark(tenant: Tenant): Promise<void> {
  const { name, owner, a, b } = databaseOf(tenant)
  const roles = [owner, a, b].map((role) => `COMMENT ON ROLE ${role} IS NULL`)
  await postgres.query([...roles, `COMMENT ON DATABASE ${name} IS NULL`].join('; '))
}

/** What a person is told to run. */
function statementsOf(tenant: Tenant): string {
  const message = conditionOf(tenant, 'Stalled')?.message ?? ''
  return /run as an administrator of the server: (.*;)/.exec(message)?.[1] ?? ''
}

async function orders(tenant: Tenant): Promise<number> {
  await using session = await logIn(await bindingOf(scene, tenant))
  return (await session.query('SELECT FROM orders')).rowCount ?? 0
}

// One after the other: those with a schema each have one database, and one mark on it.
for (const isolation of isolations) {
  test.serial(
    `isolation ${isolation}: roles that lost their comments are a conflict that says how to mark them again, and nothing of dropping`,
    async (t) => {
      const tenant = await withData(t, isolation)
      t.teardown(() => scene.deleted(tenant))
      const { password } = await bindingOf(scene, tenant)
      await unmark(tenant)
      const stuck = await scene.when(tenant, waitsFor('DatabaseConflict'))
      t.is(conditionOf(stuck, 'Stalled')?.reason, 'DatabaseConflict')
      t.notRegex(conditionOf(stuck, 'Stalled')?.message ?? '', /drop/i)
      t.is(await orders(tenant), 100)
      await postgres.query(statementsOf(stuck))
      const ready = await scene.when(tenant, isReady)
      t.is(await orders(ready), 100)
      t.is((await bindingOf(scene, ready))['password'], password)
    },
  )

  test.serial(
    `isolation ${isolation}: a tenant that is deleted without its marks keeps its data until it is marked again`,
    async (t) => {
      const tenant = await withData(t, isolation)
      await unmark(tenant)
      await scene.when(tenant, waitsFor('DatabaseConflict'))
      await scene.api.send('DELETE', paths.tenant(scene.home, tenant.metadata.name))
      const held = await scene.when(
        tenant,
        // That it goes may be written down before the server is looked at.
        (each) => each.status?.phase === 'Deleting' && conditionOf(each, 'Stalled')?.reason === 'DatabaseConflict',
      )
      t.not(held.metadata.deletionTimestamp, undefined)
      const { owner } = databaseOf(tenant)
      t.is((await postgres.query(`SELECT FROM pg_roles WHERE rolname = '${owner}'`)).length, 1)
      await postgres.query(statementsOf(held))
      await scene.deleted(tenant)
      t.is((await postgres.query(`SELECT FROM pg_roles WHERE rolname = '${owner}'`)).length, 0)
    },
  )
}
