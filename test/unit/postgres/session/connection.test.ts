import test from 'ava'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import { open } from '../../../../operator/postgres/session/connection.ts'
import { quickest } from '../../../harness/quickest.ts'

/** AuthenticationOk and ReadyForQuery (PostgreSQL manual, 53.7). */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])

test('a server that freezes after the login does not hold up who says goodbye', async (t) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.once('data', () => socket.write(welcome))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const address = { host: '127.0.0.1', port, username: 'op', password: 'secret', tls: { mode: 'disable' } } as const
  const login = { address, database: 'postgres', username: 'op', password: 'secret', applicationName: 'test' }
  const goodbye = async (): Promise<number> => {
    const connection = await open(login, AbortSignal.timeout(60_000))
    const began = performance.now()
    const late = AbortSignal.timeout(20_000)
    await Promise.race([connection.close(), once(late, 'abort')])
    return performance.now() - began
  }
  t.true((await quickest(4_000, goodbye)) < 4_000)
})
