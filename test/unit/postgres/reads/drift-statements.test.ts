import test from 'ava'
import { databaseNames } from '../../../../operator/api/names.ts'
import { changeActions, databaseActions, removalActions } from '../../../../operator/postgres/reads/drift-statements.ts'
import {
  databaseComment,
  loginComment,
  markPrefix,
  ownerComment,
  parseMark,
} from '../../../../operator/postgres/model/mark.ts'
import type { Mark, TenantDatabase } from '../../../../operator/postgres/model/port.ts'
import { roleStatements } from '../../../../operator/postgres/statements/roles-sql.ts'
import type { ObservedDatabase } from '../../../../operator/postgres/model/observed-database.ts'
import { converged, database, login, mark, names, nothing, outside, owner, role, target } from '../observed.ts'

const kinds = (seen: ObservedDatabase | undefined, wanted = target) => {
  const verdict = databaseActions(wanted, seen)
  if (verdict.kind === 'DataMissing') return ['DataMissing', ...verdict.actions]
  return verdict.kind === 'Actions' ? verdict.actions : verdict.message
}

const everything = ['EnsureRoles', 'EnsureDatabase', 'EnsureInside']

test('a converged tenant needs nothing', (t) => t.deepEqual(kinds(converged), []))

test('a new tenant needs everything, in order', (t) => {
  t.deepEqual(kinds(undefined), everything)
  t.deepEqual(kinds(nothing), everything)
})

const drifts: readonly (readonly [string, ObservedDatabase, readonly string[]])[] = [
  ['a login closed', login({ canLogin: false }), ['EnsureRoles']],
  ['a login raised', login({ attributes: ['CREATEDB'] }), ['EnsureRoles']],
  ['a login without its start role', login({ settings: [] }), ['EnsureRoles']],
  [
    'a login with another start role in its database',
    login({ settings: [`role=${names.owner}`, `${names.database}/role=none`] }),
    ['EnsureRoles'],
  ],
  [
    "a login's setting that is the tenant's own business",
    login({ settings: [`role=${names.owner}`, 'work_mem=8MB'] }),
    [],
  ],
  ['a login in a foreign role', login({ memberOf: ['pg_monitor', names.owner] }), ['EnsureRoles']],
  ['a foreign member of a login', login({ members: ['mallory'] }), ['EnsureRoles']],
  ['a limit lifted', login({ connectionLimit: -1 }), ['EnsureRoles']],
  [
    'the operator as a member',
    { ...converged, owner: { ...owner, members: [...owner.members, 'op'] } },
    ['EnsureRoles'],
  ],
  ['PUBLIC on the database', outside({ acl: [...database.acl, '=c/op'] }), ['EnsureDatabase']],
  ["the database's limit", outside({ connectionLimit: -1 }), ['EnsureDatabase']],
  ['a closed database', outside({ allowConnections: false }), ['EnsureDatabase']],
  ['the tenant without its rights', outside({ acl: ['op=CTc/op'] }), ['EnsureInside']],
  ['an inside that was never completed', { ...converged, complete: false }, ['EnsureInside']],
  ['what a login owns in its database', login({ owns: [names.database] }), ['GiveToOwner']],
  ['what a login owns elsewhere', login({ owns: ['elsewhere'] }), []],
]
for (const [title, seen, expected] of drifts) test(`drift: ${title}`, (t) => t.deepEqual(kinds(seen), expected))

test('a change of the target is drift too', (t) => {
  t.deepEqual(kinds(converged, { ...target, connectionLimit: -1 }), ['EnsureRoles', 'EnsureDatabase'])
  t.deepEqual(kinds(converged, { ...target, currentLogin: 'b' }), ['EnsureRoles'])
  t.deepEqual(kinds({ ...converged, sessions: 2 }, { ...target, loginAllowed: false }), [
    'EnsureRoles',
    'TerminateSessions',
  ])
})

const changes: readonly (readonly [string, TenantDatabase, readonly string[]])[] = [
  ['its logins are closed', { ...target, loginAllowed: false }, ['EnsureRoles', 'TerminateSessions', 'EnsureDatabase']],
  ['its data must be there from now on', { ...target, creation: 'Never' }, ['EnsureRoles', 'EnsureDatabase']],
  ['a person asks for it to begin empty', { ...target, creation: 'Anew' }, everything],
  ['another Tenant takes it over', { ...target, mark: { ...mark, uid: 'u2' } }, everything],
  ['a role of the platform may use it', { ...target, platformRoles: ['backup'] }, everything],
]
for (const [title, wanted, expected] of changes)
  test(`without a look, the inside is set up only where it may differ: ${title}`, (t) => {
    const verdict = changeActions(target, wanted)
    t.deepEqual(verdict, { kind: 'Actions', actions: expected })
  })

const other: Mark = { installation: 'i', tenant: 'home/acme', uid: 'u2' }
const { mark: _, comment: __, ...unmarked } = role
const conflicts: readonly (readonly [string, ObservedDatabase, RegExp])[] = [
  ['an unmarked owner role', { ...converged, owner: unmarked }, /without a mark/],
  ['an unmarked login', { ...converged, logins: { b: unmarked } }, /_b" exists/],
  ["another uid's role: the same name, recreated", { ...converged, owner: { ...owner, mark: other } }, /uid u2/],
  ["somebody's database", outside({ owner: 'dba' }), /belongs to the role "dba"/],
  ["another uid's database", outside({ mark: other }), /uid u2/],
]
for (const [title, seen, message] of conflicts)
  test(`conflict, for making and for removing: ${title}`, (t) => {
    for (const verdict of [databaseActions(target, seen), removalActions(target, seen)])
      t.regex(verdict.kind === 'Conflict' ? verdict.message : '', message)
  })

for (const [title, seen] of conflicts)
  test(`where the name is recorded, what may be the tenant's is never to be dropped, and a statement mends it: ${title}`, (t) => {
    const recorded: TenantDatabase = { ...target, creation: 'Never' }
    for (const verdict of [databaseActions(recorded, seen), removalActions(recorded, seen)]) {
      const message = verdict.kind === 'Conflict' ? verdict.message : ''
      t.notRegex(message, /drop/i)
      t.regex(message, /run as an administrator of the server: (COMMENT ON|ALTER DATABASE) /)
    }
  })

test('a database whose DROP was interrupted is a conflict for making, and can be removed', (t) => {
  const seen = outside({ connectionLimit: -2 })
  t.regex(String(kinds(seen)), /DROP DATABASE was interrupted/)
  t.is(removalActions(target, seen).kind, 'Actions')
})

const { database: _lost, ...withoutDatabase } = { ...converged, complete: false }
const { inside: _notRecorded, ...untold } = {
  ...withoutDatabase,
  owner: { ...owner, comment: ownerComment(mark, names) },
}
const never: TenantDatabase = { ...target, creation: 'Never' }
const inSchema = databaseNames('i', 'u1', 'Schema')
const sharing: TenantDatabase = { ...target, names: inSchema, isolation: 'Schema' }
const losses: readonly (readonly [string, ObservedDatabase | undefined, TenantDatabase])[] = [
  ['the mark on the owner role says that it was there', withoutDatabase, target],
  ['the status says that it was there', untold, never],
  ['nothing of the tenant is left', nothing, never],
  ['nothing of the tenant is known', undefined, never],
  ['the shared database is gone', nothing, { ...sharing, creation: 'Never' }],
  [
    'the schema is gone from the shared database',
    { ...nothing, database: { ...database, shared: true }, schemas: {}, inside: 1 },
    sharing,
  ],
]
for (const [title, seen, wanted] of losses)
  test(`a lost database is not created anew: ${title}`, (t) => t.deepEqual(kinds(seen, wanted), ['DataMissing']))

test('a lost database is created anew when a person has asked for it', (t) => {
  const anew: TenantDatabase = { ...target, creation: 'Anew' }
  t.deepEqual(kinds(withoutDatabase, anew), ['EnsureDatabase', 'EnsureInside'])
  t.deepEqual(kinds(nothing, anew), ['EnsureRoles', 'EnsureDatabase', 'EnsureInside'])
})

test('where the database is lost, the logins of a tenant that is off are closed all the same', (t) => {
  t.deepEqual(kinds(withoutDatabase, { ...never, loginAllowed: false }), [
    'DataMissing',
    'EnsureRoles',
    'TerminateSessions',
  ])
})

test('schemas that could not be looked at are not taken for lost', (t) => {
  const seen = { ...nothing, database: { ...database, shared: true }, inside: 1 }
  t.not(databaseActions(sharing, seen).kind, 'DataMissing')
})

test('a restored database is taken over by its recorded name, with or without a mark, once the operator owns it', (t) => {
  const { mark: _mark, ...restored } = database
  const seen: ObservedDatabase = { ...nothing, database: restored }
  t.deepEqual(kinds(seen, never), ['EnsureRoles', 'EnsureInside'])
  t.regex(String(kinds(seen)), /without a mark/)
  t.regex(
    String(kinds({ ...nothing, database: { ...restored, owner: 'dba' } }, never)),
    new RegExp(`ALTER DATABASE "${names.database}" OWNER TO "op"`),
  )
})

test('a tenant that was completed before its owner role recorded that gets the record', (t) => {
  const { inside: _inside, ...before } = { ...converged, owner: { ...owner, comment: ownerComment(mark, names) } }
  t.deepEqual(kinds(before), ['EnsureRoles'])
  t.true(roleStatements(target, before, {}).every((statement) => statement.startsWith('COMMENT ON ROLE')))
})

test('removal needs what is there', (t) => {
  t.deepEqual(removalActions(target, nothing), { kind: 'Actions', actions: [] })
  t.deepEqual(removalActions(target, undefined), { kind: 'Actions', actions: [] })
  t.deepEqual(removalActions(target, converged), {
    kind: 'Actions',
    actions: ['DisableLogins', 'TerminateSessions', 'DropDatabase', 'DropRoles'],
  })
  t.deepEqual(removalActions(target, { ...nothing, owner }), { kind: 'Actions', actions: ['DropRoles'] })
})

test('a comment tells the tenant by its uid, and its name only as a digest', (t) => {
  for (const comment of [ownerComment(mark, names), loginComment(mark), databaseComment(mark)]) {
    t.true(comment.startsWith(markPrefix('i')))
    t.false(comment.includes('acme'))
    t.is(parseMark(comment)?.uid, 'u1')
  }
  for (const text of [undefined, '', 'x', '{"installation":', '{"installation":"i","kind":"owner"}'])
    t.is(parseMark(text), undefined)
})
