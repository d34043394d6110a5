/** How the databases of tenants write and sort text: on servers whose own databases have another encoding. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { PostgresMajor } from '../harness/postgres-binaries.ts'
import { startPostgres } from '../harness/postgres.ts'
import type { Postgres } from '../harness/postgres.ts'
import { operatorOn, provisioned, soon, tenant } from './postgres-tenant.ts'
import { declareServer, isConnected } from './server-scene.ts'
import type { DeclaredServer } from './server-scene.ts'
import { bindingOf, conditionOf, isReady, logIn, openScene, waitsFor } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { toldAs } from './told-as.ts'

const majors: readonly PostgresMajor[] = [15, 18]
const servers = new Map<PostgresMajor, Postgres>()
let scene: Scene & AsyncDisposable
let declared: DeclaredServer

test.before(async (t) => {
  t.timeout(300_000)
  scene = await openScene()
  for (const major of majors) servers.set(major, await startPostgres({ major, encoding: 'SQL_ASCII' }))
  declared = await declareServer(scene, on(18), { isolation: ['Database', 'Schema'] })
  await declared.when(isConnected)
})
test.after.always(async () => {
  await declared?.remove()
  for (const server of servers.values()) await server[Symbol.asyncDispose]()
  await scene?.[Symbol.asyncDispose]()
})

function on(major: PostgresMajor): Postgres {
  const found = servers.get(major)
  if (found === undefined) throw new Error(`PostgreSQL ${major} was not started`)
  return found
}

async function textOf({ query }: Postgres, database: string): Promise<string> {
  const [row] = await query<{ text: string }>(
    `SELECT concat_ws(' ', pg_encoding_to_char(encoding), datlocprovider, datcollate,
      coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')) AS text
     FROM pg_database d WHERE datname = '${database}'`,
  )
  return row?.text ?? 'not there'
}

async function scratchOf(t: ExecutionContext, postgres: Postgres, of: Awaited<ReturnType<typeof provisioned>>) {
  const server = operatorOn(t, postgres)
  const { target, verifier } = of
  const login = { verifier, validUntil: new Date(Date.now() + 600_000).toISOString() }
  await server.apply({ kind: 'OpenDump', target, login }, soon())
  await server.apply({ kind: 'OpenScratch', target, login }, soon())
  const text = await textOf(postgres, `${target.names.owner}_v`)
  await server.apply({ kind: 'EndDump', target }, soon())
  return text
}

for (const major of majors) {
  for (const isolation of ['Database', 'Schema'] as const)
    test.serial(
      `PostgreSQL ${major}, isolation ${isolation}: databases are UTF8 where the server's own are not`,
      async (t) => {
        const postgres = on(major)
        const made = await provisioned(operatorOn(t, postgres), { isolation })
        t.is(await textOf(postgres, made.target.names.database), 'UTF8 c C')
      },
    )

  test.serial(
    `PostgreSQL ${major}: the locale is the wanted one, and that of a trial restore is the same`,
    async (t) => {
      const postgres = on(major)
      const locale = { provider: 'libc', name: 'C.UTF-8' } as const
      const made = await provisioned(operatorOn(t, postgres), { locale })
      t.is(await textOf(postgres, made.target.names.database), 'UTF8 c C.UTF-8')
      t.is(await scratchOf(t, postgres, made), 'UTF8 c C.UTF-8')
    },
  )

  test.serial(
    `PostgreSQL ${major}: a trial restore of a database from before has its encoding, not UTF8`,
    async (t) => {
      const postgres = on(major)
      const made = await provisioned(operatorOn(t, postgres))
      const { database } = made.target.names
      await postgres.query(`UPDATE pg_database SET encoding = 0 WHERE datname = '${database}'`)
      t.is(await scratchOf(t, postgres, made), 'SQL_ASCII c C')
    },
  )

  test.serial(`PostgreSQL ${major}: a locale that is not there is refused as such`, async (t) => {
    const server = operatorOn(t, on(major))
    const { target, verifier } = await tenant({ locale: { provider: 'libc', name: 'tlh_KX.NOWHERE' } })
    await server.apply({ kind: 'EnsureRoles', target, verifiers: { a: verifier } }, soon())
    const refused = server.apply({ kind: 'EnsureDatabase', target }, soon())
    await t.throwsAsync(refused, {
      message: /cannot create a database with the encoding UTF8 and the locale tlh_KX\.NOWHERE/,
    })
  })
}

test.serial('the locale of PostgreSQL itself, where it has one', async (t) => {
  const locale = { provider: 'builtin', name: 'C.UTF-8' } as const
  const made = await provisioned(operatorOn(t, on(18)), { locale })
  t.regex(await textOf(on(18), made.target.names.database), /^UTF8 b .*C\.UTF-8$/)
  t.is(await scratchOf(t, on(18), made), await textOf(on(18), made.target.names.database))
  const { target, verifier } = await tenant({ locale })
  const server = operatorOn(t, on(15))
  await server.apply({ kind: 'EnsureRoles', target, verifiers: { a: verifier } }, soon())
  await t.throwsAsync(server.apply({ kind: 'EnsureDatabase', target }, soon()), { message: /C\.UTF-8 of builtin/ })
})

test.serial(
  'a server that makes no database with the locale of its spec stalls the tenant, which comes when that is corrected',
  async (t) => {
    t.timeout(240_000)
    await declared.change({ locale: { provider: 'libc', name: 'tlh_KX.NOWHERE' } })
    const made = await scene.declare({ database: { server: declared.name } })
    const stuck = await scene.when(made, waitsFor('LocaleRefused'))
    toldAs(t, stuck, 'LocaleRefused')
    t.is(conditionOf(stuck, 'Stalled')?.status, 'True')
    t.regex(conditionOf(stuck, 'Stalled')?.message ?? '', /tlh_KX\.NOWHERE of libc \(SQLSTATE \w{5}\)\. .*spec\.locale/)
    await declared.change({ locale: { provider: 'libc', name: 'C.UTF-8' } })
    const ready = await scene.when(made, isReady)
    await using session = await logIn(await bindingOf(scene, ready))
    t.deepEqual((await session.query('SHOW server_encoding')).rows, [{ server_encoding: 'UTF8' }])
    await scene.deleted(ready)
  },
)
