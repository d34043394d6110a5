/** Whether an action did anything: nothing is told where it wrote nothing. */
import test from 'ava'
import { Tally } from '../../../../operator/postgres/actions/written.ts'
import type { DatabaseAction, DatabaseEffect } from '../../../../operator/postgres/model/port.ts'
import type { Server } from '../../../../operator/postgres/session/server.ts'

const { signal } = new AbortController()
const accepts = {
  transact: () => Promise.resolve(),
  command: () => Promise.resolve(),
  write: () => Promise.resolve(),
} as Partial<Server> as Server
const refuses = { ...accepts, transact: () => Promise.reject(new Error('refused')) }
const action = (kind: DatabaseAction['kind']) => ({ kind }) as DatabaseAction
const connection = {} as Parameters<Server['write']>[0]

type Row = readonly [string, DatabaseAction['kind'], (server: Server, tally: Tally) => unknown, DatabaseEffect]
const rows: readonly Row[] = [
  ['no statement was due', 'EnsureRoles', (server) => server.transact([], signal), { did: 'Nothing' }],
  ['statements in a transaction', 'EnsureRoles', (server) => server.transact(['ALTER'], signal), { did: 'Changed' }],
  [
    'a write inside the database',
    'EnsureInside',
    (server) => server.write(connection, { text: 'x' }, signal),
    { did: 'Changed' },
  ],
  ['CREATE DATABASE', 'EnsureDatabase', (server) => server.command('CREATE DATABASE x', signal), { did: 'Created' }],
  [
    'DROP DATABASE creates nothing',
    'DropDatabase',
    (server) => server.command('DROP DATABASE x', signal),
    { did: 'Changed' },
  ],
  ['sessions that were ended', 'TerminateSessions', (_, tally) => tally.sessions(2), { did: 'Changed' }],
  ['no sessions', 'TerminateSessions', (_, tally) => tally.sessions(0), { did: 'Nothing' }],
  [
    'a lost admin directory is told',
    'EnsureInside',
    (_, tally) => tally.completed('DirectoryMade'),
    { did: 'Nothing', directoryLost: true },
  ],
  [
    'refused parameters are told by whose they are',
    'EnsureRoles',
    (_, tally) => tally.refusedParameters({ declared: ['jit'], carried: ['my.x'] }),
    { did: 'Nothing', refusedParameters: ['jit'], notCarried: ['my.x'] },
  ],
]
for (const [sentence, kind, work, expected] of rows)
  test(sentence, async (t) => {
    const tally = new Tally()
    await work(tally.counting(accepts), tally)
    t.deepEqual(tally.effectOf(action(kind)), expected)
  })

test('what the server refuses does not count', async (t) => {
  const tally = new Tally()
  await t.throwsAsync(tally.counting(refuses).transact(['ALTER'], signal))
  t.deepEqual(tally.effectOf(action('EnsureRoles')), { did: 'Nothing' })
})
