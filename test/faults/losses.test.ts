/**
 * What a person would miss is never healed in silence: an Event, a line of the log and, for a repair, a count.
 */
import { webNamespaceOf } from '../harness/chart.ts'
import test from 'ava'
import { annotations } from '../../operator/api/names.ts'
import type { LogLine } from '../../operator/api/log-line.ts'
import { logLines } from '../../operator/api/log-lines.ts'
import { eventually } from '../harness/wait.ts'
import { violations } from './judged.ts'
import {
  accept,
  adminOf,
  available,
  declare,
  declareAdmin,
  declareTenant,
  edit,
  inviteOf,
  newName,
  off,
  remove,
  tenantOf,
} from './life.ts'
import { startRunningWorld } from './running.ts'
import type { RunningWorld } from './running.ts'

let world: RunningWorld
test.before(async (t) => {
  t.timeout(300_000)
  world = await startRunningWorld({ env: { TENANTRY_CATALOGUE_INTERVAL: '1s' } })
})
test.after.always(() => world?.[Symbol.asyncDispose]())

interface WrittenLine {
  readonly regarding?: { readonly name?: string }
  readonly reason?: string
  readonly type?: string
  readonly note?: string
}

async function eventOn(name: string, reason: string): Promise<WrittenLine> {
  const found = async () => {
    const all = await world.api.list<WrittenLine>('/apis/events.k8s.io/v1/events')
    return all.find((each) => each.regarding?.name === name && each.reason === reason)
  }
  return eventually(found, { timeout: 60_000, describe: `the Event ${reason} on ${name}` })
}

type Line = Readonly<Record<string, unknown>> & { readonly msg: string }

/** Of this Tenant, or TenantAdmin, in order. */
async function linesOf(name: string): Promise<readonly Line[]> {
  const text = await world.operator.logs()
  const lines = text.split('\n').filter((line) => line.startsWith('{'))
  const all = lines.map((line) => JSON.parse(line) as Line) // as the log writes it
  return all.filter(({ tenant }) => tenant === `${world.installation.home}/${name}`)
}

async function lineOf(name: string, message: string): Promise<Line> {
  const found = async () => (await linesOf(name)).find(({ msg }) => msg === message)
  return eventually(found, { timeout: 60_000, describe: `the line "${message}" of ${name}` })
}

async function repairs(what: string): Promise<number> {
  const { body } = await world.operator.probe('/metrics')
  const line = body.split('\n').find((each) => each.startsWith(`tenantry_repairs_total{what="${what}"}`))
  return Number(line?.split(' ').at(-1))
}

async function made(): Promise<string> {
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  return name
}

const namespaceOf = async (name: string) => String((await tenantOf(world, name))?.status?.['namespace'])
interface Database {
  readonly name: string
  readonly roles: { readonly current: string; readonly logins: { readonly a: string } }
}

const databaseOf = async (name: string) => (await tenantOf(world, name))?.status?.['database'] as Database // our own schema

test.serial('a quota that somebody deletes is put back: an Event, a line and a count', async (t) => {
  t.timeout(300_000)
  const name = await made()
  const before = await repairs('ResourceQuota')
  const namespace = await namespaceOf(name)
  await world.api.send('DELETE', `/api/v1/namespaces/${namespace}/resourcequotas/tenantry-quota`)
  const { type, note } = await eventOn(name, 'Repaired')
  t.is(type, 'Normal')
  t.regex(note ?? '', /ResourceQuota tenantry-quota/)
  t.like(await lineOf(name, 'object created'), { why: 'provision' })
  const lines = (await linesOf(name)).filter(({ why }) => why === 'repair')
  t.deepEqual(
    lines.map(({ msg, object }) => [msg, object]),
    [['object created', 'ResourceQuota tenantry-quota']],
  )
  t.is(await repairs('ResourceQuota'), before + 1)
})

test.serial('a role that somebody gives more is put right: an Event, a line and a count', async (t) => {
  t.timeout(300_000)
  const name = await made()
  const before = await repairs('DatabaseRoles')
  const { roles } = await databaseOf(name)
  // Its first look may have been before the tenant was made.
  await world.postgres.query(`ALTER ROLE ${roles.logins.a} CONNECTION LIMIT 7`)
  const { note } = await eventOn(name, 'Repaired')
  t.regex(note ?? '', /roles of the database/)
  const repair = async () => (await linesOf(name)).find(({ why }) => why === 'repair')
  t.like(await eventually(repair, { timeout: 60_000, describe: 'the line of the repair' }), {
    msg: 'database roles written',
  })
  t.is(await repairs('DatabaseRoles'), before + 1)
})

test.serial('a Secret that somebody deletes has a new password, and people are warned', async (t) => {
  t.timeout(300_000)
  const name = await made()
  const namespace = await namespaceOf(name)
  await world.api.send('DELETE', `/api/v1/namespaces/${namespace}/secrets/tenantry-database`)
  const { type, note } = await eventOn(name, 'SecretRecreated')
  t.is(type, 'Warning')
  t.regex(note ?? '', /new password/)
  t.like(await lineOf(name, 'secret made anew with a new password'), { level: 'warn', namespace })
})

test.serial(
  'a namespace that somebody deletes past the policy is made anew, and people are warned what is gone',
  async (t) => {
    t.timeout(300_000)
    const name = await made()
    const namespace = await namespaceOf(name)
    const path = `/api/v1/namespaces/${namespace}`
    await world.api.send('PATCH', path, { metadata: { annotations: { [annotations.allowDeletion]: namespace } } })
    await world.api.send('DELETE', path)
    const { type, note } = await eventOn(name, 'NamespaceRecreated')
    t.is(type, 'Warning')
    t.regex(note ?? '', /Its contents are lost/)
    t.like(await lineOf(name, 'namespace made anew, what lay in it is gone'), { level: 'warn', namespace })
    await available(world, name)
  },
)

test.serial('an admin directory that somebody drops is made anew with its people, and people are warned', async (t) => {
  t.timeout(300_000)
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  const database = (await databaseOf(name)).name
  await world.postgres.query('DROP SCHEMA tenantry CASCADE', [], database)
  await declareAdmin(world, name)
  await accept(world, name)
  const { type } = await eventOn(name, 'DirectoryRebuilt')
  t.is(type, 'Warning')
  t.like(await lineOf(name, 'admin directory made anew'), { level: 'warn', database })
  // Noticed before she accepts, it is made anew without her.
  const people = async () => {
    const rows = await world.postgres.query<{ username: string }>('SELECT username FROM tenantry.admins', [], database)
    return rows.map(({ username }) => username)
  }
  await eventually(async () => (await people()).length > 0, { timeout: 60_000, describe: 'its people' })
  t.deepEqual(await people(), ['ada'])
})

test.serial(
  'signing keys that somebody deletes: invites go out again, and whoever waits for one is told',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    await declare(world, name)
    const isSent = (sequence: number) => async () => {
      const invite = inviteOf(await adminOf(world, name))
      return invite['sequence'] === sequence && invite['sentAt'] !== undefined
    }
    await eventually(isSent(1), { timeout: 60_000, describe: 'the first invite' })
    const { namespace } = world.installation
    await world.api.send('DELETE', `/api/v1/namespaces/${webNamespaceOf(namespace)}/secrets/tenantry-signing-keys`)
    await eventually(isSent(2), { timeout: 90_000, describe: 'the second invite' })
    const { type, note } = await eventOn(`${name}-ada`, 'InviteKeyLost')
    t.is(type, 'Warning')
    t.regex(note ?? '', /its link is dead/)
    t.like(await lineOf(name, 'invite issued anew, its key is gone'), { level: 'warn', sequence: 2 })
    t.regex(await world.operator.logs(), /"level":"warn".*signing keys made anew, pending invites go out again/)
  },
)

test.serial('a whole life is in exactly these lines, and nothing secret', async (t) => {
  t.timeout(400_000)
  const name = newName()
  await declare(world, name)
  await accept(world, name)
  await available(world, name)
  const asked = { [annotations.rotateRequestedAt]: '2030-01-01T00:00:00Z' }
  await edit(world, name, { metadata: { annotations: asked } })
  await lineOf(name, 'login switched')
  const recorded = async () => (await databaseOf(name)).roles.current === 'b'
  await eventually(recorded, { timeout: 60_000, describe: 'the login that was switched to, in the status' })
  await edit(world, name, { spec: { state: 'Deactivated' } })
  await off(world, name, 'Deactivated')
  await remove(world, name)
  await eventually(async () => (await adminOf(world, name)) === undefined, {
    timeout: 60_000,
    describe: 'the admin to be gone',
  })
  // The line of what came last is written when it is done.
  await lineOf(name, 'tenant released')
  const said = (await linesOf(name)).map(({ why, msg }) => `${String(why)}: ${msg}`)
  t.snapshot([...new Set(said)].toSorted())
  const known = Object.values<Readonly<Record<string, LogLine>>>(logLines).flatMap((lines) =>
    Object.values(lines).map(({ message }) => message),
  )
  t.deepEqual(
    (await linesOf(name)).filter(({ msg }) => !known.includes(msg)),
    [],
  )
  t.deepEqual(await violations(world, { logs: await world.operator.logs() }), [])
})
