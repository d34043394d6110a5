import { createServer } from 'node:net'
import { freePort } from '../../test/harness/port.ts'

export interface Port {
  readonly port: number
  /** Undefined when it is the one that people expect. */
  readonly notice: string | undefined
}

/** The port that is easy to remember, or a free one where somebody else listens on that. */
export async function preferredPort(wanted: number, what: string): Promise<Port> {
  if (await isFree(wanted)) return { port: wanted, notice: undefined }
  const port = await freePort()
  return { port, notice: `Port ${wanted} is in use, so ${what} is at ${port}.` }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
