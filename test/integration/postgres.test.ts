import { readFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import test from 'ava'
import { databaseNames } from '../../operator/api/names.ts'
import { removalActions } from '../../operator/postgres/reads/drift-statements.ts'
import { tenantDigest } from '../../operator/postgres/model/mark.ts'
import type { DatabaseAction, DirectoryEntry } from '../../operator/postgres/model/port.ts'
import { scramVerifier } from '../../operator/postgres/model/scram.ts'
import { postgresForTests } from '../harness/postgres-for-tests.ts'
import { entriesOf } from '../harness/postgres-log.ts'
import { eventually } from '../harness/wait.ts'
import {
  action,
  applyAll,
  left,
  loginAs,
  observed,
  operatorOn,
  provisioned,
  provisioning,
  removal,
  sharedCatalogue,
  soon,
  sqlstate,
  tenant,
} from './postgres-tenant.ts'

const postgres = await postgresForTests({ maxConnections: 200, settings: { log_statement: 'all' } })

test.serial('provisioning makes exactly the rights of the design, and then nothing is left to do', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await tenant()
  t.deepEqual(await left(server, one), [...provisioning])
  await applyAll(server, one)
  t.deepEqual(await left(server, one), [])
  const { owner, logins, database, complete } = await observed(server, one)
  const { names, mark } = one.target
  t.true(complete)
  t.deepEqual(owner?.mark, { ...mark, tenant: tenantDigest(mark) })
  t.false(owner?.canLogin)
  t.deepEqual(owner?.members, [names.logins.a, names.logins.b])
  t.deepEqual(logins.a?.memberOf, [names.owner])
  t.deepEqual(logins.a?.settings, [`role=${names.owner}`])
  t.deepEqual([logins.a?.canLogin, logins.b?.canLogin], [true, false])
  t.is(database?.owner, postgres.operator.user)
  t.deepEqual(database?.acl, [`${names.owner}=CTc/tenantry`, 'tenantry=CTc/tenantry'])
})

test.serial('what a tenant creates belongs to its owner role, whichever login creates it', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await using session = await loginAs(postgres, one)
  await session.query('CREATE TABLE things (id int); CREATE SCHEMA more; CREATE TABLE more.things (id int)')
  const { rows } = await session.query(`SELECT DISTINCT tableowner FROM pg_tables WHERE tablename = 'things'`)
  t.deepEqual(rows, [{ tableowner: one.target.names.owner }])
})

test.serial('acts done twice are done once, and nothing is written the second time', async (t) => {
  const one = await tenant()
  let writes = 0
  const server = operatorOn(t, postgres, { mayWrite: () => (writes += 1) })
  await applyAll(server, one)
  const first = await sharedCatalogue(postgres, one)
  writes = 0
  await server.apply({ kind: 'EnsureRoles', target: one.target, verifiers: {} }, soon())
  await server.apply(action('EnsureDatabase', one), soon())
  t.is(writes, 0)
  await applyAll(server, one)
  t.deepEqual(await sharedCatalogue(postgres, one), first)
})

test.serial('the operator keeps no rights of a tenant between its acts', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await using session = await postgres.connect(postgres.operator)
  t.is(await sqlstate(session.query(`SET ROLE ${one.target.names.owner}`)), '42501')
  // The options exist from PostgreSQL 16 on; before, every membership gives all rights, and a creator is no member.
  const members = await postgres.query(
    `SELECT FROM pg_auth_members m WHERE roleid = '${one.target.names.owner}'::regrole AND member = 'tenantry'::regrole
       AND (coalesce(to_jsonb(m) ->> 'inherit_option', 'true')::bool OR coalesce(to_jsonb(m) ->> 'set_option', 'true')::bool)`,
  )
  t.is(members.length, 0)
})

test.serial('the logins of five tenants open their own databases and no other', async (t) => {
  const server = operatorOn(t, postgres)
  const tenants = await Promise.all(Array.from({ length: 5 }, () => provisioned(server)))
  for (const one of tenants) {
    for (const other of tenants) {
      const attempt = loginAs(postgres, one, other.target.names.database).then((session) => session.end())
      t.is(await sqlstate(attempt), one === other ? undefined : '42501')
    }
    for (const [database, code] of Object.entries({ postgres: '42501', template1: '42501', template0: '55000' }))
      t.is(await sqlstate(loginAs(postgres, one, database)), code, database)
  }
})

test.serial('removal takes away everything, while the application is connected and reconnecting', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const session = await loginAs(postgres, one)
  await session.query('CREATE TABLE things AS SELECT 1 AS id')
  const application = new AbortController()
  const stubborn = (async () => {
    while (!application.signal.aborted) await loginAs(postgres, one).catch(() => undefined)
  })()
  for (const kind of removal) {
    await server.apply(action(kind, one), soon())
    await server.apply(action(kind, one), soon())
  }
  application.abort()
  await stubborn
  t.deepEqual(await sharedCatalogue(postgres, one), [])
  t.deepEqual(removalActions(one.target, await observed(server, one)), { kind: 'Actions', actions: [] })
})

test.serial('removal goes on from any state, also when parts are gone already', async (t) => {
  const server = operatorOn(t, postgres)
  for (const gone of removal) {
    const one = await provisioned(server)
    await applyAll(server, one, removal.slice(0, removal.indexOf(gone)))
    await applyAll(server, one, removal)
    t.deepEqual(await sharedCatalogue(postgres, one), [], gone)
  }
  await applyAll(server, await tenant(), removal)
})

test.serial('roles of a database that still exists are not dropped, and the error says why', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await using session = await loginAs(postgres, one)
  await session.query('CREATE TABLE things (id int)')
  const refused = await t.throwsAsync(server.apply(action('DropRoles', one), soon()), {
    message: /own objects or have rights in databases/,
  })
  t.like(refused, { reason: 'InUse', sqlstate: '2BP01' })
  t.deepEqual(await left(server, one), [])
})

test.serial('a deactivated tenant is logged out and stays out, and comes back with its password', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const session = await loginAs(postgres, one)
  const off = { ...one, target: { ...one.target, loginAllowed: false } }
  t.deepEqual(await left(server, off), ['EnsureRoles', 'TerminateSessions'])
  await server.apply({ kind: 'EnsureRoles', target: off.target, verifiers: {} }, soon())
  t.deepEqual(await left(server, off), ['TerminateSessions'])
  await server.apply(action('TerminateSessions', off), soon())
  t.deepEqual(await left(server, off), [])
  await t.throwsAsync(session.query('SELECT 1'))
  t.is(await sqlstate(loginAs(postgres, one)), '28000')
  await server.apply({ kind: 'EnsureRoles', target: one.target, verifiers: {} }, soon())
  const { names } = one.target
  t.true(await server.probe(names.database, names.logins.a, one.password, soon()))
})

test.serial('a rotation lets the other login in, and then the old one out', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const { names } = one.target
  const password = randomBytes(12).toString('base64url')
  const verifiers = { b: await scramVerifier(password, { bytes: randomBytes }) }
  const grace = { ...one.target, currentLogin: 'b', otherLoginAllowed: true } as const
  await server.apply({ kind: 'EnsureRoles', target: grace, verifiers }, soon())
  t.true(await server.probe(names.database, names.logins.a, one.password, soon()))
  t.true(await server.probe(names.database, names.logins.b, password, soon()))
  await server.apply({ kind: 'EnsureRoles', target: { ...grace, otherLoginAllowed: false }, verifiers: {} }, soon())
  t.is(await sqlstate(loginAs(postgres, one)), '28000')
  t.true(await server.probe(names.database, names.logins.b, password, soon()))
})

test.serial('the login probe tells a wrong password from a server that cannot be asked', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const { names } = one.target
  t.true(await server.probe(names.database, names.logins.a, one.password, soon()))
  t.false(await server.probe(names.database, names.logins.a, 'wrong', soon()))
  const nobody = operatorOn(t, postgres, { address: { port: 1 } })
  await t.throwsAsync(nobody.probe(names.database, names.logins.a, 'wrong', soon()), { message: /ECONNREFUSED/ })
})

const row: DirectoryEntry = {
  origin: 'own',
  username: `o'brien"; DROP TABLE tenantry.admins; --`,
  email: 'o@example.com',
  firstName: 'Miles',
  lastName: "O'Brien",
  applicationRole: 'Designer',
  status: 'Accepted',
  consentAt: '2026-01-02T03:04:05Z',
}

test.serial('the directory holds exactly the rows given; rows that are right are not written again', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  const write = (entries: DirectoryEntry[]) =>
    server.apply({ kind: 'WriteDirectory', target: one.target, entries }, soon())
  await write([row, { ...row, username: 'second' }])
  await using session = await loginAs(postgres, one)
  const read = async () =>
    (
      await session.query<{ username: string; email: string }>(
        'SELECT username, email, xmin::text FROM tenantry.admins ORDER BY username',
      )
    ).rows
  const before = await read()
  t.deepEqual(
    before.map((each) => each.username),
    [row.username, 'second'],
  )
  await write([row, { ...row, username: 'second', email: 'new@example.com' }])
  const after = await read()
  t.deepEqual(after[0], before[0])
  t.is(after[1]?.email, 'new@example.com')
  await write([])
  t.deepEqual(await read(), [])
})

for (const lost of ['DROP SCHEMA tenantry CASCADE', 'DROP TABLE tenantry.admins CASCADE']) {
  test.serial(
    `an admin directory that somebody dropped (${lost}) is made anew with its rows, and that is told`,
    async (t) => {
      const server = operatorOn(t, postgres)
      const one = await provisioned(server)
      const write: DatabaseAction = { kind: 'WriteDirectory', target: one.target, entries: [row] }
      t.deepEqual(await server.apply(write, soon()), { did: 'Changed' })
      await postgres.query(lost, [], one.target.names.database)
      t.deepEqual(await server.apply(write, soon()), { did: 'Changed', directoryLost: true })
      await using session = await loginAs(postgres, one)
      const { rows } = await session.query('SELECT username FROM tenantry.admins')
      t.deepEqual(rows, [{ username: row.username }])
      t.deepEqual(await server.apply(write, soon()), { did: 'Changed' })
    },
  )
}

test.serial('what an act came to: a database that was made, roles that were changed, or nothing', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await tenant()
  const roles = { kind: 'EnsureRoles', target: one.target, verifiers: {} } as const
  const database = { kind: 'EnsureDatabase', target: one.target } as const
  const did = async (act: DatabaseAction) => (await server.apply(act, soon())).did
  t.deepEqual([await did(roles), await did(database)], ['Changed', 'Created'])
  t.deepEqual([await did(roles), await did(database)], ['Nothing', 'Nothing'])
  t.is(await did(action('TerminateSessions', one)), 'Nothing')
})

test.serial('the catalogue finds all tenants of the installation by their marks alone', async (t) => {
  const of = 'counted'
  const own = (uid: string) => ({
    names: databaseNames(of, uid),
    mark: { installation: of, tenant: `home/${uid}`, uid },
  })
  const server = operatorOn(t, postgres, { installation: of })
  const one = await provisioned(server, own('one'))
  const half = await tenant(own('half'))
  await server.apply(action('EnsureRoles', half), soon())
  const all = await server.catalogue(soon())
  t.deepEqual([...all.keys()].toSorted(), [one.target.names.owner, half.target.names.owner].toSorted())
  const { sizeBytes, ...seen } = all.get(one.target.names.owner) ?? {}
  t.deepEqual(seen, await observed(server, one))
  // While another database goes it is not known, and asked again with the next look.
  const size = async () => sizeBytes ?? (await server.catalogue(soon())).get(one.target.names.owner)?.sizeBytes
  t.true((await eventually(size, { describe: 'the size' })) > 5_000_000)
  t.false(all.get(half.target.names.owner)?.complete)
  t.is((await server.health(soon())).tenants, 2)
  t.is((await operatorOn(t, postgres, { installation: 'another' }).catalogue(soon())).size, 0)
})

for (const isolation of ['Database', 'Schema'] as const)
  test.serial(`isolation ${isolation}: a look without sizes measures none, and sees all else`, async (t) => {
    const server = operatorOn(t, postgres)
    const made = await provisioned(server, { isolation })
    const seen = (await server.catalogue(soon(), undefined, false)).get(made.target.names.owner)
    t.is(seen?.sizeBytes, undefined)
    t.is(seen?.complete, true)
    const measured = async () =>
      (await server.catalogue(soon(), undefined, true)).get(made.target.names.owner)?.sizeBytes
    t.is(typeof (await eventually(measured, { describe: 'the size' })), 'number')
  })

test.serial('no password is in the log of a server that logs every statement', async (t) => {
  const server = operatorOn(t, postgres)
  const one = await provisioned(server)
  await server.probe(one.target.names.database, one.target.names.logins.a, one.password, soon())
  const log = await eventually(
    async () => {
      const text = await readFile(postgres.logPath, 'utf8')
      return text.includes(`CREATE ROLE "${one.target.names.logins.a}"`) ? text : undefined
    },
    { describe: 'the log to have the statement' },
  )
  t.false(log.includes(one.password))
  // The harness itself creates the operator's account, with a password and as the superuser.
  const operators = entriesOf(log).filter((entry) => entry.includes(' tenantry@'))
  t.true(operators.length > 0)
  t.false(operators.join('\n').includes(postgres.operator.password))
})
