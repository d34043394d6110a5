/** What a server refuses for good: it is told with the server's own words, needs a person, and goes on once that person has acted. */
import test from 'ava'
import type { Postgres } from '../harness/postgres.ts'
import { openServerScene } from './server-scene.ts'
import type { DeclaredServer, ServerScene } from './server-scene.ts'
import { conditionOf, databaseOf, isReady, waitsFor } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { toldAs } from './told-as.ts'

let opened: ServerScene
let scene: Scene
let postgres: Postgres
let server: DeclaredServer
test.before(async (t) => {
  t.timeout(120_000)
  opened = await openServerScene()
  ;({ scene, postgres, server } = opened)
})
test.after.always(() => opened?.[Symbol.asyncDispose]())

test('an account that may not administer the roles of a tenant any more is told with SQLSTATE and statement, and heals', async (t) => {
  t.timeout(300_000)
  const tenant = await scene.provisioned({ database: { server: server.name } })
  const { owner, a, b } = databaseOf(tenant)
  // Both at once: what the operator sees is the whole of it.
  await postgres.query(`REVOKE ${owner}, ${a}, ${b} FROM tenantry CASCADE; ALTER ROLE ${a} CONNECTION LIMIT 7`)
  const stuck = await scene.when(tenant, waitsFor('DatabaseRefused'))
  toldAs(t, stuck, 'RightMissing')
  const message = conditionOf(stuck, 'Stalled')?.message ?? ''
  t.is(conditionOf(stuck, 'DatabaseReady')?.reason, 'DatabaseRefused')
  t.regex(message, /permission denied .*\(SQLSTATE 42501\)/)
  await postgres.query(statementsOf(message))
  const ready = await scene.when(tenant, isReady, { timeout: 120_000 })
  await scene.deleted(ready)
})

/** What a person runs whom the message tells to. */
function statementsOf(message: string): string {
  const [, statements = ''] = /Run as a superuser: (.*); then Tenantry continues/.exec(message) ?? []
  return statements
}
