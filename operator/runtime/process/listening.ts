/** Opens and closes the port of a server. */
import { once } from 'node:events'
import type { Server } from 'node:http'

/** @throws Error when the port cannot be listened on. */
export async function listening(server: Server, port: number, address: string): Promise<void> {
  server.listen(port, address)
  await once(server, 'listening')
}

/** Ends the connections too; nothing where the server does not listen. */
export async function closed(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
