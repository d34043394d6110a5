/** What somebody changes about a tenant's roles and database is found by the poll of the catalogue, and put back. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { harness } from '../harness/context.ts'
import { sharedIntervals } from '../harness/shared-operator.ts'
import { eventually, repeated } from '../harness/wait.ts'
import { bindingOf, conditionOf, databaseOf, isReady, logIn, logsIn, mended, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'
import { isToldAs } from './told-as.ts'

/** Milliseconds. It is found by looking every second, and nothing else looks that often: see sharedIntervals. */
const limit = 5 * sharedIntervals.catalogue

let scene: Scene & AsyncDisposable
let tenant: Tenant
test.before(async (t) => {
  t.timeout(240_000)
  scene = await openScene()
  tenant = await scene.provisioned()
})
test.after.always(() => scene?.[Symbol.asyncDispose]())

type Names = ReturnType<typeof databaseOf>

interface Damage {
  readonly what: string
  readonly sql: (names: Names) => string
  /** Answers one row when all is well. */
  readonly well: (names: Names) => string
}

const damages: readonly Damage[] = [
  {
    what: 'the current login may not log in',
    sql: ({ a }) => `ALTER ROLE ${a} NOLOGIN`,
    well: ({ a }) => `SELECT FROM pg_roles WHERE rolname = '${a}' AND rolcanlogin`,
  },
  {
    what: 'the other login may log in',
    sql: ({ b }) => `ALTER ROLE ${b} LOGIN`,
    well: ({ b }) => `SELECT FROM pg_roles WHERE rolname = '${b}' AND NOT rolcanlogin`,
  },
  {
    what: 'the owner role may log in',
    sql: ({ owner }) => `ALTER ROLE ${owner} LOGIN`,
    well: ({ owner }) => `SELECT FROM pg_roles WHERE rolname = '${owner}' AND NOT rolcanlogin`,
  },
  {
    what: 'the login is no member of the owner role any more',
    sql: ({ a, owner }) => `REVOKE ${owner} FROM ${a} GRANTED BY ${harness().postgres.operator.user}`,
    well: ({ a, owner }) =>
      `SELECT FROM pg_auth_members WHERE roleid = '${owner}'::regrole AND member = '${a}'::regrole`,
  },
  {
    what: 'the login does not take the owner role on',
    sql: ({ a }) => `ALTER ROLE ${a} RESET role`,
    well: ({ a, owner }) =>
      `SELECT FROM pg_db_role_setting WHERE setrole = '${a}'::regrole AND 'role=${owner}' = ANY(setconfig)`,
  },
  {
    what: 'PUBLIC may connect',
    sql: ({ name }) => `GRANT CONNECT ON DATABASE ${name} TO PUBLIC`,
    well: ({ name }) => `SELECT FROM pg_database WHERE datname = '${name}' AND datacl::text !~ '[{,]='`,
  },
  {
    what: 'the owner role may not connect',
    sql: ({ name, owner }) => `REVOKE CONNECT ON DATABASE ${name} FROM ${owner}`,
    well: ({ name, owner }) => `SELECT WHERE has_database_privilege('${owner}', '${name}', 'CONNECT')`,
  },
  {
    what: 'there is no limit to its connections',
    sql: ({ name }) => `ALTER DATABASE ${name} CONNECTION LIMIT -1`,
    well: ({ name }) => `SELECT FROM pg_database WHERE datname = '${name}' AND datconnlimit > 0`,
  },
  {
    what: 'the other login is gone',
    sql: ({ b }) => `DROP ROLE ${b}`,
    well: ({ b }) => `SELECT FROM pg_roles WHERE rolname = '${b}' AND NOT rolcanlogin`,
  },
]

/** Two cannot change a role at once: where the operator is still at work on it, this comes after. */
const afterOthers = (change: () => Promise<unknown>) =>
  repeated(change, { times: 20, passes: (error) => /tuple concurrently/.test(String(error)) })

for (const { what, sql, well } of damages) {
  test.serial(`When ${what}, that is mended by the next poll`, async (t) => {
    const { postgres } = harness()
    const names = databaseOf(tenant)
    const isWell = async () => (await postgres.query(well(names))).length === 1
    t.true(await isWell(), 'before')
    await using superuser = await postgres.connect()
    // In one transaction, so that it is seen to be damage before anybody mends it.
    const damage = async () => {
      await afterOthers(() => superuser.query(`ROLLBACK; BEGIN; ${sql(names)}`))
      t.is((await superuser.query(well(names))).rowCount, 0, 'no damage')
      await superuser.query('COMMIT')
    }
    const took = await mended(limit, damage, isWell, `PostgreSQL to be mended when ${what}`)
    t.true(took < limit, `it took ${Math.round(took)} ms`)
    t.true(await logsIn(await bindingOf(scene, tenant)))
    await scene.when(tenant, isReady)
  })
}

test.serial('When the current login is gone, it is made again with the password of the Secret', async (t) => {
  const { postgres } = harness()
  const { a, owner } = databaseOf(tenant)
  const binding = await bindingOf(scene, tenant)
  const remove = () => afterOthers(() => postgres.query(`REVOKE ${owner} FROM ${a}; DROP ROLE ${a}`))
  const took = await mended(limit, remove, () => logsIn(binding), 'the Secret to log in again')
  t.true(took < limit, `it took ${Math.round(took)} ms`)
  t.is((await bindingOf(scene, tenant))['password'], binding['password'])
})

test.serial(
  'When the tenant changes its own password, a login is tried before long, and the Secret logs in again',
  async (t) => {
    // One of its own, as the operator may still be at work on the other one's login, and two cannot change a role at once.
    const quiet = await scene.provisioned()
    const binding = await bindingOf(scene, quiet)
    const change = async () => {
      await using session = await logIn(binding)
      await session.query('SET ROLE NONE')
      await session.query(`ALTER ROLE ${databaseOf(quiet).a} PASSWORD 'its-own-idea-of-a-password'`)
    }
    const waitTimeout = 3 * sharedIntervals.probe
    const took = await mended(waitTimeout, change, () => logsIn(binding), 'the Secret to log in again')
    t.true(took < waitTimeout, `it took ${Math.round(took)} ms`)
    await scene.when(quiet, isReady)
  },
)

test.serial(
  'While the password is changed each time that it is set again, the tenant tells it; afterwards the Secret logs in',
  async (t) => {
    t.timeout(300_000)
    const { postgres } = harness()
    const quiet = await scene.provisioned()
    const change = `ALTER ROLE ${databaseOf(quiet).a} PASSWORD 'its-own-idea-of-a-password'`
    const told = await eventually(
      async () => {
        const each = await scene.api.get<Tenant>(paths.tenant(scene.home, quiet.metadata.name))
        if (each !== undefined && isToldAs(each, 'TenantLoginRefused')) return each
        await afterOthers(() => postgres.query(change))
        return undefined
      },
      { timeout: 120_000, describe: 'the refused login to be told' },
    )
    t.is(told.status?.phase, 'Active')
    t.is(conditionOf(told, 'Available')?.reason, 'DatabaseLoginFailed')
    const binding = await bindingOf(scene, await scene.when(quiet, isReady))
    // The last change may have followed a login that was accepted: the next one finds it.
    await eventually(() => logsIn(binding), { timeout: 60_000, describe: 'the Secret to log in again' })
  },
)
