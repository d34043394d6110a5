/**
 * maildev's page with working links. It shows a mail in a frame that may not open windows (sandbox), and a page that may
 * not be framed, as ours, leaves it blank: https://github.com/maildev/maildev/issues/457. So its page passes through here.
 */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'

/** Runs in the browser before maildev's own script: frames may open windows, and each link opens one. */
const script = `<script>
const set = Element.prototype.setAttribute
Element.prototype.setAttribute = function (name, value) {
  const isSandbox = name === 'sandbox' && this instanceof HTMLIFrameElement
  set.call(this, name, isSandbox ? value + ' allow-popups allow-popups-to-escape-sandbox' : value)
}
document.addEventListener('load', ({ target }) => {
  if (!(target instanceof HTMLIFrameElement)) return
  const base = target.contentDocument?.createElement('base')
  base?.setAttribute('target', '_blank')
  if (base) target.contentDocument.head.append(base)
}, true)
</script>`

/** Serves on `port` of the loopback what maildev serves on `inner`, until it is disposed of. */
export async function serveWithLinks(port: number, inner: number): Promise<AsyncDisposable> {
  const server = createServer((incoming, outgoing) => pass(incoming, outgoing, inner))
  // The page hears of new mails over a WebSocket.
  server.on('upgrade', (incoming, socket: Socket, head: Buffer) => tunnel(incoming, socket, head, inner))
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen({ port, host: '127.0.0.1', exclusive: true })
  await once(server, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, port: number): void {
  const { method, url, headers } = incoming
  const { 'accept-encoding': _compressed, ...plain } = headers
  const options = { host: '127.0.0.1', port, ...(method && { method }), ...(url && { path: url }), headers: plain }
  const asked = request(options, (answer) => void give(answer, outgoing).catch(() => outgoing.destroy()))
  asked.once('error', () => {
    if (!outgoing.headersSent) outgoing.writeHead(502)
    outgoing.end()
  })
  incoming.pipe(asked)
}

async function give(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { statusCode = 502, headers } = answer
  const isPage = headers['content-type']?.startsWith('text/html') === true && /^\/($|\?)/.test(pathOf(outgoing))
  if (!isPage) {
    outgoing.writeHead(statusCode, headers)
    answer.pipe(outgoing)
    return
  }
  const page = (await text(answer)).replace(/<head[^>]*>/i, (head) => `${head}${script}`)
  outgoing.writeHead(statusCode, { ...headers, 'content-length': Buffer.byteLength(page) })
  outgoing.end(page)
}

function pathOf({ req }: ServerResponse): string {
  return req.url ?? ''
}

function tunnel({ method, url, rawHeaders }: IncomingMessage, socket: Socket, head: Buffer, port: number): void {
  const inner = connect(port, '127.0.0.1')
  const lines = [`${method ?? 'GET'} ${url ?? '/'} HTTP/1.1`]
  for (let index = 0; index < rawHeaders.length; index += 2)
    lines.push(`${rawHeaders[index] ?? ''}: ${rawHeaders[index + 1] ?? ''}`)
  inner.write(`${lines.join('\r\n')}\r\n\r\n`)
  inner.write(head)
  socket.pipe(inner).pipe(socket)
  inner.on('error', () => socket.destroy())
  socket.on('error', () => inner.destroy())
}
