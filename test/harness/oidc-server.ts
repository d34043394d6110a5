/** What the two OIDC providers of the tests have in common. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority } from './certificate.ts'
import type { Authority } from './certificate.ts'
import { temporaryFolder } from './folder.ts'
import type { TemporaryFolder } from './folder.ts'
import { httpsGet } from './https.ts'
import { freePort } from './port.ts'
import { startProcess } from './process.ts'
import type { ServerProcess } from './process.ts'
import { eventually } from './wait.ts'

export interface OidcClient {
  readonly id: string
  /** Undefined: a public client. */
  readonly secret?: string
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris?: readonly string[]
  readonly backchannelLogoutUri?: string
}

export interface OidcUser {
  readonly email: string
  readonly emailVerified?: boolean
  readonly username: string
  readonly name: string
  readonly groups?: readonly string[]
}

export interface OidcServerOptions {
  readonly clients: readonly OidcClient[]
  readonly users: readonly OidcUser[]
}

export interface OidcServer extends AsyncDisposable {
  readonly issuer: string
  /** PEM of the authority that its certificate comes from, and the file with it. */
  readonly ca: string
  readonly caFile: string
  /** Signs everybody in, with the e-mail address. */
  readonly password: string
  down(): Promise<void>
  /** Starts it again, without its sessions and with new signing keys. */
  up(): Promise<void>
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** How one of them is started. */
export interface OidcProgram {
  readonly name: string
  /** Such as `/dex`. */
  readonly path: string
  /** Writes its settings and returns its command line. */
  prepare(place: OidcPlace): Promise<{ readonly command: string; readonly args: readonly string[] }>
}

export interface OidcPlace {
  readonly folder: string
  readonly issuer: string
  readonly port: number
  readonly password: string
  readonly certificateFile: string
  readonly keyFile: string
}

const password = 'correct horse battery staple'

/** Starts a provider on a free port of the loopback, by TLS. It ends with the calling process at the latest. */
export async function startOidcServer(program: OidcProgram): Promise<OidcServer> {
  await using stack = new AsyncDisposableStack()
  const folder = await temporaryFolder(program.name)
  stack.defer(() => folder.remove())
  const authority = createAuthority(`Tenantry test ${program.name}`)
  const place = await placeOf(program, folder, authority)
  let server: ServerProcess | undefined
  const down = async (): Promise<void> => {
    await server?.stop()
    server = undefined
  }
  const up = async (): Promise<void> => {
    server ??= await launch(program, place, authority.certificate)
  }
  stack.defer(down)
  await up()
  const started = stack.move()
  const stop = (): Promise<void> => started.disposeAsync()
  return {
    issuer: place.issuer,
    ca: authority.certificate,
    caFile: join(folder.path, 'ca.crt'),
    password,
    down,
    up,
    pause: () => server?.pause(),
    resume: () => server?.resume(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function placeOf(
  program: OidcProgram,
  { path: folder }: TemporaryFolder,
  authority: Authority,
): Promise<OidcPlace> {
  const port = await freePort()
  const { certificate, key } = authority.issue(program.name, ['localhost', '127.0.0.1'])
  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content, { mode: 0o600 })
    return join(folder, name)
  }
  await file('ca.crt', authority.certificate)
  const [certificateFile, keyFile] = [await file('tls.crt', certificate), await file('tls.key', key)]
  return { folder, issuer: `https://localhost:${port}${program.path}`, port, password, certificateFile, keyFile }
}

async function launch(program: OidcProgram, place: OidcPlace, ca: string): Promise<ServerProcess> {
  const { command, args } = await program.prepare(place)
  const logPath = join(place.folder, 'server.log')
  const server = await startProcess({ name: program.name, command, args, logPath })
  const answers = async (): Promise<boolean> => {
    server.assertAlive()
    const { status } = await httpsGet(`${place.issuer}/.well-known/openid-configuration`, { ca, token: '' })
    return status === 200
  }
  try {
    await eventually(answers, { describe: `${program.name} to answer` })
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}
