/** How a connection that spec.tls asks for fails, against a server that goes no further than TLS. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

import { open } from '../../../../operator/postgres/session/connection.ts'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import type { ServerAddress } from '../../../../operator/postgres/model/address.ts'
import { createAuthority } from '../../../harness/certificate.ts'

const authority = createAuthority('ours')
const stranger = createAuthority('another')

/** Answers an SSLRequest (PostgreSQL manual, SSL Session Encryption). */
async function listening(t: ExecutionContext, answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

function withCertificate(host: string): (socket: Socket) => void {
  const { certificate, key } = authority.issue('postgres', [host])
  return (socket) => {
    socket.write('S')
    const secured = new TLSSocket(socket, { isServer: true, cert: certificate, key })
    secured.on('error', () => {})
    // A client that accepts the certificate is told to go: that is the end of what is tried here.
    secured.once('data', () => secured.destroy())
  }
}

async function failure(port: number, tls: ServerAddress['tls']): Promise<PostgresError> {
  const address = { host: '127.0.0.1', port, username: 'op', password: 'secret', tls }
  const login = { address, database: 'postgres', username: 'op', password: 'secret', applicationName: 'test' }
  try {
    await open(login, AbortSignal.timeout(60_000))
  } catch (error) {
    if (error instanceof PostgresError) return error
    throw error
  }
  throw new Error('it let us in')
}

const cases: readonly (readonly [string, (socket: Socket) => void, ServerAddress['tls'], PostgresError['reason']])[] = [
  [
    'a certificate of an authority that is not trusted',
    withCertificate('127.0.0.1'),
    { mode: 'verify-full', ca: stranger.certificate },
    'CertificateUntrusted',
  ],
  [
    'a certificate of no authority that the system knows',
    withCertificate('127.0.0.1'),
    { mode: 'verify-ca' },
    'CertificateUntrusted',
  ],
  [
    'a certificate for another host',
    withCertificate('127.0.0.9'),
    { mode: 'verify-full', ca: authority.certificate },
    'CertificateForAnotherHost',
  ],
  [
    'a certificate for another host where no name is asked for',
    withCertificate('127.0.0.9'),
    { mode: 'verify-ca', ca: authority.certificate },
    'Unavailable',
  ],
  ['a server without TLS', (socket) => socket.write('N'), { mode: 'require' }, 'TlsNotOffered'],
  ['a server that hangs up', (socket) => socket.destroy(), { mode: 'require' }, 'Unavailable'],
]

for (const [what, answer, tls, reason] of cases) {
  test(`${what}: ${reason}`, async (t) => {
    const port = await listening(t, answer)
    const error = await failure(port, tls)
    t.is(error.reason, reason)
    t.true(error.message.includes(`127.0.0.1:${port}`))
  })
}
