import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Of one of eight processes: two that choose at once seldom choose from the same ports. */
const range = { start: 15_000 + (process.pid % 8) * 2_100, size: 2_100 }
/** Many ports are chosen before the first is used. */
const given = new Set<number>()

/**
 * A TCP port of the loopback that nothing listens on, and that no other process of tests is given while this one lives. It
 * lies below the range that the kernel takes outgoing connections' ports from, so that none of them takes it before the
 * server does. Another program may still be faster: whoever uses the port sees that its own process lives before it trusts
 * an answer from there.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = range.start + randomInt(range.size)
    if (given.has(port) || !(await claimPort(port)) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
  throw new Error('No free TCP port was found on the loopback in 100 attempts.')
}

/**
 * Whether the port is this process's until it ends: between the choice and the server's start lie seconds. A name among
 * abstract sockets has one holder, and goes with it (unix(7)); elsewhere than on Linux there are none, and the ranges have to do.
 */
export async function claimPort(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const holder = createServer()
  holder.once('error', () => resolve(false))
  holder.listen(`\0tenantry-test-port-${port}`, () => resolve(true))
  holder.unref()
  return promise
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
