/** Passwords that change on the real servers, and applications that notice nothing but a new Secret. */
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { harness } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { bindingOf, conditionOf, databaseOf, isReady, logIn, logsIn, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => {
  scene = await openScene()
})
test.after.always(() => scene?.[Symbol.asyncDispose]())

const annotation = 'tenantry.dev/rotate-requested-at'
const pathOf = ({ metadata }: Tenant) => paths.tenant(metadata.namespace ?? '', metadata.name)

/** A tenant of a plan of its own. */
async function withRotation(rotation: object): Promise<Tenant> {
  return scene.provisioned({ plan: await scene.declarePlan({ database: { rotation } }) })
}

const request = (tenant: Tenant, value: string) =>
  scene.change(pathOf(tenant), { metadata: { annotations: { [annotation]: value } } })

const answered = (value: string) => (tenant: Tenant) =>
  tenant.status?.database?.lastHandledRotation === value && isReady(tenant)

const inGrace = ({ status }: Tenant) => status?.database?.formerLoginUntil !== undefined

const isIn = (phase: string) => (tenant: Tenant) =>
  tenant.status?.phase === phase && conditionOf(tenant, 'Ready')?.status === 'True'

/** What an application does that reads its Secret again for each login, as fast as it can, until told to stop. */
function application(tenant: Tenant) {
  const seen = new Set<string>()
  const failures: string[] = []
  const ending = new AbortController()
  let logins = 0
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const began = performance.now()
      const binding = await bindingOf(scene, tenant)
      try {
        await using session = await logIn(binding)
        await session.query('SELECT 1')
        seen.add(binding['password'] ?? '')
        logins += 1
      } catch (error) {
        // Whoever takes longer than that comes after the grace period.
        if (performance.now() - began < 500) failures.push(`${binding['username']}: ${String(error)}`)
      }
    }
  }
  const done = run()
  return {
    hasSeen: (password: string | undefined) => seen.has(password ?? ''),
    stop: async () => {
      ending.abort()
      await done
      return { failures, logins, passwords: seen.size }
    },
  }
}

/** Two applications of one tenant, and what they have seen when it was asked so often for another password. */
async function throughRotations(rounds: readonly string[]) {
  // A pass that takes long takes its time from the grace period, which begins when the pass does.
  const tenant = await withRotation({ grace: '5s' })
  const apps = [application(tenant), application(tenant)]
  for (const round of rounds) {
    await request(tenant, round)
    await scene.when(tenant, answered(round))
    const { password } = await bindingOf(scene, tenant)
    const haveSeen = () => apps.every((app) => app.hasSeen(password))
    await eventually(haveSeen, { timeout: 90_000, describe: `both to log in after ${round}` })
  }
  return Promise.all(apps.map((app) => app.stop()))
}

test('twenty rotations, ten of each of two tenants: an application that reads its Secret has not one failed login', async (t) => {
  t.timeout(300_000)
  const rounds = Array.from({ length: 10 }, (_, index) => `round ${index}`)
  const results = (await Promise.all([throughRotations(rounds), throughRotations(rounds)])).flat()
  t.log(results.map(({ logins, passwords }) => `${logins} logins with ${passwords} passwords`).join(', '))
  t.deepEqual(
    results.flatMap(({ failures }) => failures),
    [],
  )
  t.true(results.every(({ passwords }) => passwords >= rounds.length))
})

test('an open connection of the former login lives until the grace period is over, and ends then', async (t) => {
  t.timeout(180_000)
  const tenant = await withRotation({ grace: '12s' })
  const old = await bindingOf(scene, tenant)
  await using session = await logIn(old)
  session.on('error', () => {})
  await request(tenant, 'now')
  const changed = await scene.when(tenant, answered('now'))
  t.true(inGrace(changed))
  const now = await bindingOf(scene, tenant)
  t.not(now['username'], old['username'])
  await session.query('CREATE TABLE kept (id int)')
  t.true(await logsIn(old))
  t.true(await logsIn(now))
  const end = Date.parse(changed.status?.database?.formerLoginUntil ?? '')
  await eventually(
    async () =>
      session.query('SELECT 1').then(
        () => false,
        () => true,
      ),
    { timeout: 60_000, interval: 50, describe: 'the session of the former login to end' },
  )
  t.true(Date.now() >= end, 'not before its time')
  const closed = await scene.when(tenant, (each) => !inGrace(each))
  t.true(isReady(closed))
  t.false(await logsIn(old))
  await using later = await logIn(now)
  await later.query('SELECT * FROM kept')
})

test('what a tenant has set for its login is there after a rotation, and after the next', async (t) => {
  t.timeout(240_000)
  const tenant = await withRotation({ grace: '1s' })
  const shown = async () => {
    await using session = await logIn(await bindingOf(scene, tenant))
    const { rows } = await session.query<{ path: string; jit: string }>(
      `SELECT current_setting('search_path') AS path, current_setting('jit') AS jit`,
    )
    return rows
  }
  {
    await using session = await logIn(await bindingOf(scene, tenant))
    await session.query('CREATE SCHEMA app')
    await session.query('SET ROLE NONE')
    await session.query('ALTER ROLE current_user SET search_path = app, public')
    await session.query('ALTER ROLE current_user SET jit = off')
  }
  for (const round of ['one', 'two']) {
    await request(tenant, round)
    await scene.when(tenant, (each) => answered(round)(each) && !inGrace(each))
    t.deepEqual(await shown(), [{ path: 'app, public', jit: 'off' }], round)
  }
  for (const state of ['Deactivated', 'Active'])
    await scene.change(pathOf(tenant), { spec: { state } }).then(() => scene.when(tenant, isIn(state)))
  t.deepEqual(await shown(), [{ path: 'app, public', jit: 'off' }], 'after it was off')
})

test('what an application made without the role that owns its data is there after a rotation, and after the next', async (t) => {
  t.timeout(240_000)
  const tenant = await withRotation({ grace: '1s' })
  for (const round of ['one', 'two']) {
    {
      await using session = await logIn(await bindingOf(scene, tenant))
      await session.query('SET ROLE NONE')
      await session.query(`CREATE TABLE made_${round} AS SELECT '${round}' AS what`)
    }
    await request(tenant, round)
    const ready = await scene.when(tenant, (each) => answered(round)(each) && !inGrace(each))
    await using later = await logIn(await bindingOf(scene, ready))
    t.deepEqual((await later.query(`SELECT what FROM made_${round}`)).rows, [{ what: round }])
  }
})

test('a request is answered once', async (t) => {
  const tenant = await withRotation({ grace: '1s' })
  await request(tenant, 'only')
  await scene.when(tenant, (each) => answered('only')(each) && !inGrace(each))
  const binding = await bindingOf(scene, tenant)
  const { resourceVersion } = (await scene.api.get(pathOf(tenant)))?.metadata ?? {}
  // Something that wakes it and changes nothing.
  await scene.change(paths.namespace(tenant.status?.namespace ?? ''), { metadata: { labels: { other: 'thing' } } })
  await logsIn(binding)
  t.deepEqual(await bindingOf(scene, tenant), binding)
  t.is((await scene.api.get(pathOf(tenant)))?.metadata.resourceVersion, resourceVersion)
})

test('a password that is too old changes by itself, and again', async (t) => {
  t.timeout(240_000)
  const tenant = await withRotation({ maxAge: '3s', grace: '5s' })
  const passwords = new Set<string>()
  await eventually(
    async () => {
      const began = performance.now()
      const binding = await bindingOf(scene, tenant)
      if (await logsIn(binding)) passwords.add(binding['password'] ?? '')
      // Whoever takes longer than that comes after the grace period.
      else t.true(performance.now() - began > 1_000, 'the password of the Secret logs in')
      return passwords.size >= 3
    },
    { timeout: 120_000, interval: 200, describe: 'three passwords' },
  )
  t.pass()
})

test('when an admin goes, the password changes; when one comes, it does not', async (t) => {
  t.timeout(240_000)
  const tenant = await withRotation({ grace: '1s' })
  const stays = await scene.accept(await scene.declareAdmin(tenant))
  const goes = await scene.accept(await scene.declareAdmin(tenant))
  const readers = (count: number) => (each: Tenant) => each.status?.database?.readers?.length === count
  const before = await scene.when(tenant, readers(2))
  t.is(before.status?.database?.roles?.current, 'a', 'nobody is locked out by who comes')
  const old = await bindingOf(scene, tenant)
  await scene.api.send('DELETE', paths.admin(goes.metadata.namespace ?? '', goes.metadata.name))
  await scene.when(tenant, (each) => readers(1)(each) && each.status?.database?.roles?.current === 'b' && isReady(each))
  t.notDeepEqual(await bindingOf(scene, tenant), old)
  t.true(await logsIn(await bindingOf(scene, tenant)))
  await scene.change(paths.admin(stays.metadata.namespace ?? '', stays.metadata.name), {
    spec: { state: 'Deactivated' },
  })
  await scene.when(tenant, (each) => readers(0)(each) && each.status?.database?.roles?.current === 'a')
})

test('a Secret that is deleted while its password changes: the one that is made logs in, and the request is answered', async (t) => {
  t.timeout(240_000)
  const tenant = await withRotation({ grace: '1s' })
  for (const round of ['one', 'two', 'three', 'four', 'five']) {
    const at = paths.secret(tenant.status?.namespace ?? '')
    await Promise.all([request(tenant, round), scene.api.send('DELETE', at)])
    // Where the request was answered by the new Secret, the rotation that was begun is still finished.
    const settled = await scene.when(
      tenant,
      (each) => answered(round)(each) && each.status?.database?.rotation === undefined && !inGrace(each),
    )
    // It may all be so before it is noticed that the Secret is gone.
    await eventually(async () => logsIn(await bindingOf(scene, settled)), {
      timeout: 90_000,
      describe: `a login after ${round}`,
    })
  }
  const { a, b } = databaseOf(tenant)
  const open = () => harness().postgres.query(`SELECT FROM pg_roles WHERE rolname IN ('${a}', '${b}') AND rolcanlogin`)
  await eventually(async () => (await open()).length === 1, { describe: 'one login to be open' })
  t.pass()
})

test('deleted while its password changes: nothing is left', async (t) => {
  t.timeout(240_000)
  const tenant = await withRotation({ grace: '10m' })
  const { owner } = databaseOf(tenant)
  await request(tenant, 'last')
  await scene.deleted(tenant)
  t.deepEqual(await harness().postgres.query(`SELECT rolname FROM pg_roles WHERE rolname LIKE '${owner}%'`), [])
  t.is(conditionOf(tenant, 'Stalled'), undefined)
})
