/**
 * A server that is set back to an earlier time is told of, with who is younger; a standby that is promoted is not.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import type { DatabaseServerStatus } from '../../operator/api/databaseserver.ts'
import { isSetBack, recordedProgress } from '../../operator/databaseserver/progress.ts'
import type { Stored } from '../harness/api.ts'
import { loginsOn } from '../harness/facts.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import {
  available,
  conditionOf,
  credentialsOf,
  databaseOf,
  declareTenant,
  edit,
  newName,
  ready,
  tenantOf,
} from './life.ts'
import { beginEmpty, databaseMissing } from './missing-database.ts'
import { eventsOf } from './told.ts'

const server = '/apis/tenantry.dev/v1alpha1/databaseservers/main'

let world: World
let operator: OperatorProcess
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld({ postgres: { settings: { log_statement: 'ddl' } } })
  operator = await start()
})
test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

const start = () =>
  startOperator({
    cluster: world.cluster,
    mail: world.mail,
    web: world.web,
    env: { TENANTRY_CATALOGUE_INTERVAL: '1s' },
  })

const run = promisify(execFile)
/** Of PostgreSQL, which keeps its log beside it. */
const dataFolder = () => join(dirname(world.postgres.logPath), 'data')

/** A copy of the files, taken at rest; the answer puts them back, and starts the server on them. */
async function copyFiles(): Promise<() => Promise<void>> {
  const copy = join(dirname(dataFolder()), 'copy')
  await world.postgres.down()
  await run('cp', ['-a', dataFolder(), copy])
  await world.postgres.up()
  return async () => {
    await world.postgres.down()
    await run('rm', ['-rf', dataFolder()])
    await run('mv', [copy, dataFolder()])
    await world.postgres.up()
  }
}

async function serverWhen(
  what: string,
  check: (status: Readonly<Record<string, unknown>>) => boolean,
): Promise<Stored> {
  return eventually(
    async () => {
      const found = await world.api.get(server)
      if (found?.status !== undefined && check(found.status)) return found
      throw new Error(JSON.stringify(found?.status))
    },
    { timeout: 60_000, describe: what },
  )
}

async function warnings(): Promise<readonly string[]> {
  return (await eventsOf(world, 'ServerSetBack')).map(({ note = '' }) => note)
}

const isThere = async (database: string) =>
  (await world.postgres.query('SELECT FROM pg_database WHERE datname = $1', [database])).length > 0

/** How often somebody has asked for this database since the world began: the log outlives the files. */
async function creationsOf(database: string): Promise<number> {
  const log = await readFile(world.postgres.logPath, 'utf8')
  return log.match(new RegExp(`LOG: .*CREATE DATABASE "?${database}\\b`, 'g'))?.length ?? 0
}

test.serial('a standby that is promoted: another timeline, and no warning', async (t) => {
  t.timeout(300_000)
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  await world.postgres.down()
  // The owner of the folder is PostgreSQL's user.
  await run('cp', ['-p', join(dataFolder(), 'PG_VERSION'), join(dataFolder(), 'standby.signal')])
  await world.postgres.up()
  await world.postgres.query('SELECT pg_promote()')
  const found = await serverWhen('the new timeline to be recorded', ({ timeline }) => timeline === 2)
  t.is(found.status?.['setBack'], undefined)
  t.deepEqual(await warnings(), [])
  await available(world, name)
})

test.serial(
  'a restore of the files as they were before the last tenant: one warning, which names the tenant, and it alone begins empty, when a person says so',
  async (t) => {
    t.timeout(400_000)
    const [elder, younger] = [newName(), newName()]
    await declareTenant(world, elder)
    await available(world, elder)
    const restore = await copyFiles()
    const [{ lsn: copied } = { lsn: '' }] = await world.postgres.query<{ lsn: string }>(
      'SELECT pg_current_wal_insert_lsn()::text AS lsn',
    )
    await declareTenant(world, younger)
    const { name: database = '' } = databaseOf(await available(world, younger))
    await serverWhen('a place in the log that the copy lacks to be recorded', (status) => {
      const recorded = recordedProgress(status as DatabaseServerStatus) // of our own schema
      return recorded !== undefined && isSetBack(recorded, { ...recorded, lsn: copied })
    })
    await operator.kill()
    const creations = await creationsOf(database)
    t.true(creations > 0)
    await restore()
    operator = await start()
    const found = await serverWhen('the set back to be told', ({ setBack }) => setBack !== undefined)
    const setBack = found.status?.['setBack'] as { tenants?: readonly string[]; seenUntil: string; noticedAt: string }
    t.deepEqual(setBack.tenants, [`${world.installation.home}/${younger}`])
    t.true(setBack.seenUntil <= setBack.noticedAt)
    t.is(conditionOf(found, 'Ready')?.reason, 'Connected')
    const told = await eventually(async () => ((await warnings()).length > 0 ? warnings() : undefined), {
      describe: 'the Event',
    })
    t.is(told.length, 1)
    t.regex(told[0] ?? '', new RegExp(`seen it until ${setBack.seenUntil}.*${younger}`))
    await databaseMissing(world, younger)
    await edit(world, younger, { spec: { displayName: 'Fault & Daughters' } })
    const lost = await databaseMissing(world, younger)
    t.false(await isThere(database))
    t.is(await creationsOf(database), creations)
    await beginEmpty(world, lost)
    t.true(await opens(await credentialsOf(world, younger)))
    t.is((await credentialsOf(world, younger))['database'], database)
    t.true((await creationsOf(database)) > creations)
    await ready(world, elder)
  },
)

test.serial(
  'a restore of the files as they were before a rotation: the Secret stays and opens, and the former password does not',
  async (t) => {
    t.timeout(400_000)
    const name = newName()
    const plan = `/apis/tenantry.dev/v1alpha1/tenantplans/${world.installation.plan}`
    await world.api.send('PATCH', plan, { spec: { database: { rotation: { grace: '1s' } } } })
    await declareTenant(world, name)
    await available(world, name)
    const former = await credentialsOf(world, name)
    const restore = await copyFiles()
    const asked = { metadata: { annotations: { 'tenantry.dev/rotate-requested-at': '1' } } }
    await edit(world, name, asked)
    await eventually(async () => databaseOf(await tenantOf(world, name)).lastHandledRotation === '1', {
      timeout: 60_000,
      describe: 'the rotation',
    })
    const current = await credentialsOf(world, name)
    t.not(current['username'], former['username'])
    await restore()
    await eventually(
      async () => {
        const doors = { current: await opens(current), former: await opens(former) }
        if (doors.current && !doors.former) return true
        throw new Error(JSON.stringify({ doors, status: (await tenantOf(world, name))?.status }))
      },
      { timeout: 60_000, describe: 'the Secret to open the database, and it alone' },
    )
    await ready(world, name)
    t.deepEqual(await credentialsOf(world, name), current)
  },
)

async function opens({ database = '', username = '', password = '' }: Readonly<Record<string, string>>) {
  return loginsOn(world.postgres)(database, username, password)
}
