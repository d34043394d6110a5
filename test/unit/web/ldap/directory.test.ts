/** Directories that are hostile or broken: servers on the loopback that answer with chosen bytes. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { systemClock } from '../../../../operator/runtime/base/system-clock.ts'
import { elements, numberOf } from '../../../../operator/web/ldap/ber.ts'
import type { LdapTimeouts } from '../../../../operator/web/ldap/directory-limits.ts'
import { createLdapDirectory } from '../../../../operator/web/ldap/directory.ts'
import { Framing } from '../../../../operator/web/ldap/framing.ts'
import { ldapProvider } from '../../../../operator/web/ldap/settings.ts'
import { element, entry, message, result } from './answers.ts'

let folder: string
let bindPWFile: string

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-ldap-'))
  bindPWFile = join(folder, 'password')
  await writeFile(bindPWFile, 'service')
})

test.after.always(() => rm(folder, { recursive: true, force: true }))

/** What the server answers to a request: bytes, with the id that was asked; undefined: nothing. */
type Answer = (id: number) => Buffer | undefined
/** By the kind of request: a bind, a search, an extended request. */
type Script = Readonly<Record<'bind' | 'search' | 'extended', Answer>>

const kinds: Readonly<Record<number, keyof Script>> = { 0x60: 'bind', 0x63: 'search', 0x77: 'extended' }

const ben = entry('uid=ben,dc=x', { uid: ['ben'], mail: ['ben@x.com'] })

/** A directory in which ben may sign in with any password. */
const honest: Script = {
  bind: (id) => message(id, result('bind', 0)),
  search: (id) => Buffer.concat([message(id, ben), message(id, result('search', 0))]),
  extended: (id) => message(id, result('extended', 0)),
}

interface Scripted extends AsyncDisposable {
  readonly port: number
  /** All that was sent to it. */
  received(): Buffer
  /** The kinds of the requests, for each connection. */
  readonly requests: readonly (readonly string[])[]
}

async function serve(script: Partial<Script>): Promise<Scripted> {
  const sockets = new Set<Socket>()
  const received: Buffer[] = []
  const requests: string[][] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    const ofConnection: string[] = []
    requests.push(ofConnection)
    const framing = new Framing({ message: 1e6, connection: 1e8 })
    socket.on('error', () => undefined)
    socket.on('data', (piece) => {
      received.push(piece)
      // A TLS handshake is no LDAP.
      if (piece.readUInt8(0) !== 0x30) return
      for (const request of framing.add(piece)) {
        const [id, operation] = elements(elements(request)[0]?.content ?? Buffer.of())
        const kind = kinds[operation?.tag ?? 0]
        ofConnection.push(kind ?? 'unbind')
        const answer = kind && { ...honest, ...script }[kind](numberOf(id, 0x02))
        if (answer !== undefined) socket.write(answer)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    received: () => Buffer.concat(received),
    requests,
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy())
      server.close()
      await once(server, 'close')
    },
  }
}

const groupSearch = { baseDN: 'dc=x', userMatchers: [{ userAttr: 'DN', groupAttr: 'member' }] }

/** Milliseconds for an answer that comes, on a busy machine. */
const enough = 60_000

async function signIn(script: Partial<Script>, keys: object = {}, short: Partial<LdapTimeouts> = {}) {
  await using server = await serve(script)
  const settings = ldapProvider.parse({
    type: 'ldap',
    id: 'corp',
    name: 'Corporate directory',
    host: `127.0.0.1:${server.port}`,
    insecureNoSSL: true,
    bindDN: 'cn=service',
    bindPWFile,
    userSearch: { baseDN: 'dc=x', username: 'uid' },
    ...keys,
  })
  const timeouts = { connect: enough, step: enough, total: enough, ...short }
  const directory = createLdapDirectory(settings, { clock: systemClock, timeouts })
  const outcome = await directory.authenticate('ben', 'the password of ben', new AbortController().signal)
  return { outcome, received: server.received(), requests: server.requests }
}

async function how(script: Partial<Script>, keys: object = {}, short: Partial<LdapTimeouts> = {}): Promise<string> {
  const { outcome } = await signIn(script, keys, short)
  if (outcome.kind === 'Accepted') return 'Accepted'
  return outcome.kind === 'Refused' ? outcome.reason : outcome.reason
}

test('the honest directory, of which all others differ in one thing', async (t) => {
  const { outcome } = await signIn({})
  t.deepEqual(outcome, {
    kind: 'Accepted',
    identity: { provider: 'corp', subject: 'ben', username: 'ben', email: 'ben@x.com', name: undefined, groups: [] },
    note: undefined,
  })
})

/** To the second bind, which is the person's. */
function toPerson(answer: Answer): Answer {
  let binds = 0
  return (id) => ((binds += 1) === 1 ? message(id, result('bind', 0)) : answer(id))
}

const directories: Readonly<Record<string, readonly [script: Partial<Script>, how: string]>> = {
  'a bind response without a code': [{ bind: toPerson((id) => message(id, element(0x61))) }, 'Protocol'],
  'a search result as the answer to a bind': [{ bind: toPerson((id) => message(id, result('search', 0))) }, 'Protocol'],
  'an answer to another request': [{ bind: toPerson((id) => message(id + 1, result('bind', 0))) }, 'Protocol'],
  'a bind that is sent to another server': [{ bind: toPerson((id) => message(id, result('bind', 10))) }, 'Server'],
  'no answer to the bind': [{ bind: toPerson(() => undefined) }, 'Timeout'],
  'half an answer': [{ bind: toPerson((id) => message(id, result('bind', 0)).subarray(0, -1)) }, 'Timeout'],
  'the end of the connection': [
    { bind: toPerson(() => message(0, result('extended', 52, 'shutting down'))) },
    'Connection',
  ],
  'an HTTP server': [{ bind: () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }, 'Protocol'],
  'more entries than were asked for': [
    { search: (id) => Buffer.concat([message(id, ben), message(id, ben), message(id, ben)]) },
    'Protocol',
  ],
  'two entries': [
    { search: (id) => Buffer.concat([message(id, ben), message(id, ben), message(id, result('search', 4))]) },
    'Ambiguous',
  ],
  'a size limit of one entry': [
    { search: (id) => Buffer.concat([message(id, ben), message(id, result('search', 4))]) },
    'Ambiguous',
  ],
  'a reference to another server': [
    {
      search: (id) =>
        Buffer.concat([message(id, element(0x73, element(0x04, 'ldap://x/'))), message(id, result('search', 0))]),
    },
    'UnknownUser',
  ],
  'a truncated entry': [
    {
      search: (id) =>
        message(id, element(0x64, element(0x04, ''), element(0x30, Buffer.from('30080401613103047f61', 'hex')))),
    },
    'Protocol',
  ],
  'an entry without a DN, which would be an anonymous bind': [
    {
      search: (id) => Buffer.concat([message(id, entry('', { uid: ['ben'] })), message(id, result('search', 0))]),
    },
    'IncompleteEntry',
  ],
  'an entry of many megabytes': [
    { search: (id) => message(id, entry('uid=ben', { uid: ['x'.repeat(2_000_000)] })) },
    'Protocol',
  ],
}

for (const [what, [script, expected]] of Object.entries(directories)) {
  test(`a directory with ${what}`, async (t) => {
    t.is(await how(script, {}, expected === 'Timeout' ? { step: 1_000 } : {}), expected)
  })
}

test('a sign-in has a time limit as a whole', async (t) => {
  t.is(await how({ bind: toPerson(() => undefined) }, {}, { total: 1_000 }), 'Timeout')
})

test('a flood of small messages ends at a limit', async (t) => {
  const flood = (id: number): Buffer => {
    const reference = message(id, element(0x73, element(0x04, 'ldap://x/')))
    return Buffer.alloc(reference.length * 1_000_000, reference)
  }
  t.is(await how({ search: flood }), 'Protocol')
})

test('groups are read up to a limit', async (t) => {
  let searches = 0
  const many = (id: number, count: number) =>
    Buffer.concat([
      ...Array.from({ length: count }, (_, n) => message(id, entry(`cn=g${n}`, { cn: [`g${n}`] }))),
      message(id, result('search', 4)),
    ])
  const search = (count: number) => (id: number) => ((searches += 1) % 2 === 1 ? honest.search(id) : many(id, count))
  const { outcome } = await signIn({ search: search(1_000) }, { groupSearch })
  t.is(outcome.kind === 'Accepted' ? outcome.identity.groups.length : outcome.detail, 1_000)
  t.regex(outcome.kind === 'Accepted' ? (outcome.note ?? '') : '', /more than 1000 groups/)
  t.is(await how({ search: search(1_001) }, { groupSearch }), 'Protocol')
})

const startTLS = { insecureNoSSL: false, startTLS: true }

test('what comes in the clear behind the answer to StartTLS counts for nothing', async (t) => {
  const begun = (id: number) => message(id, result('extended', 0))
  const bound = message(2, result('bind', 0))
  t.is(await how({ extended: (id) => Buffer.concat([begun(id), bound]) }, startTLS), 'Protocol')
  t.is(await how({ extended: (id) => Buffer.concat([begun(id), bound.subarray(0, -2)]) }, startTLS), 'TLS')
})

test('no password is sent where StartTLS is refused, cut off or never answered', async (t) => {
  const answers: readonly Answer[] = [
    (id) => message(id, result('extended', 2, 'unsupported')),
    () => undefined,
    () => Buffer.from('500 what?'),
  ]
  const expected = ['TLS', 'Timeout', 'Protocol'] as const
  for (const [index, extended] of answers.entries()) {
    const { outcome, received } = await signIn(
      { extended },
      startTLS,
      expected[index] === 'Timeout' ? { connect: 1_000 } : {},
    )
    t.is(outcome.kind === 'Unavailable' ? outcome.reason : outcome.kind, expected[index] ?? 'Accepted')
    t.false(received.includes('service') || received.includes('the password'))
  }
  const { outcome, received } = await signIn({}, { insecureNoSSL: false }, { connect: 1_000 })
  t.is(outcome.kind === 'Unavailable' ? outcome.reason : outcome.kind, 'Timeout')
  t.false(received.includes('service'))
})

test('the password of the person is sent with the DN of the directory, on a connection of its own', async (t) => {
  const { received, requests } = await signIn({}, { groupSearch })
  t.is(received.toString('latin1').split('the password of ben').length, 2)
  t.true(received.includes(element(0x04, 'uid=ben,dc=x')))
  const asked = requests.map((ofConnection) => ofConnection.filter((kind) => kind !== 'unbind'))
  t.deepEqual(asked, [['bind', 'search', 'search'], ['bind']])
})
