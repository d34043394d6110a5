/** Opens a connection to a directory: TCP, StartTLS where the settings want it, and TLS. */
import { readFile } from 'node:fs/promises'
import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../../runtime/base/clock.ts'
import { deadline } from '../../runtime/base/deadline.ts'
import { DirectoryConnection } from './directory-connection.ts'
import { aborted, unreachable, withoutTls } from './connection-failures.ts'
import type { LdapTimeouts } from './directory-limits.ts'
import { DirectoryFailure } from './ldap-outcome.ts'
import { assertStartTls } from './result-codes.ts'
import { isCertificate } from './settings.ts'
import type { LdapSettings } from './settings.ts'

export interface DialPorts {
  readonly clock: Clock
  readonly timeouts: LdapTimeouts
}

/** @throws DirectoryFailure */
export async function dial(
  settings: LdapSettings,
  ports: DialPorts,
  signal: AbortSignal,
): Promise<DirectoryConnection> {
  const name = `${settings.host}:${settings.port}`
  const { clock, timeouts } = ports
  const ca = await authorities(settings.rootCA)
  using limit = deadline(clock, timeouts.connect, signal)
  const socket = await open(settings, name, limit.signal)
  try {
    const over = { clock, name, timeout: timeouts.connect, signal: limit.signal }
    if (settings.security === 'starttls') {
      const plain = new DirectoryConnection(socket, over)
      assertStartTls(await plain.startTls())
      plain.release()
    }
    const secure = settings.security === 'none' ? socket : await encrypt(socket, settings, ca, name, limit.signal)
    return new DirectoryConnection(secure, { ...over, timeout: timeouts.step, signal })
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function open({ host, port }: LdapSettings, name: string, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  await ready(socket, 'connect', signal, name).catch((error: unknown) => {
    throw error instanceof DirectoryFailure ? error : unreachable(name, error)
  })
  return socket
}

async function encrypt(
  socket: Socket,
  { host, verify }: LdapSettings,
  ca: string | undefined,
  name: string,
  signal: AbortSignal,
): Promise<Socket> {
  const secure = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: verify,
    minVersion: 'TLSv1.2',
  })
  await ready(secure, 'secureConnect', signal, name).catch((error: unknown) => {
    throw error instanceof DirectoryFailure ? error : withoutTls(name, error)
  })
  return secure
}

/** Waits for the event. The socket is destroyed when it does not come. */
function ready(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', abort)
      settle()
    }
    const fail = (error: unknown) =>
      end(() => {
        socket.destroy()
        reject(error)
      })
    const abort = () => fail(aborted(signal, name))
    signal.addEventListener('abort', abort, { once: true })
    socket.once(event, () => end(resolve))
    // An error after the end must not become an uncaught one.
    socket.on('error', fail)
    socket.once('close', () => fail(new Error('closed')))
    if (signal.aborted) abort()
  })
}

/** @throws DirectoryFailure when the file cannot be used. */
async function authorities(rootCA: LdapSettings['rootCA']): Promise<string | undefined> {
  if (rootCA === undefined || 'pem' in rootCA) return rootCA?.pem
  const pem = await readFile(rootCA.file, 'utf8').catch(() => undefined)
  if (pem !== undefined && isCertificate(pem)) return pem
  const why = pem === undefined ? 'cannot be read' : 'is not a certificate in PEM'
  throw new DirectoryFailure('Settings', `The file that rootCA names ${why}.`)
}
