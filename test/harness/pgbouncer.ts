import { chmod, chown, copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from './binaries.ts'
import { createAuthority } from './certificate.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'
import { serverUser } from './postgres-binaries.ts'
import type { Postgres } from './postgres.ts'
import { startProcess } from './process.ts'
import { ensureScripted } from './script-build.ts'

const script = join(import.meta.dirname, 'pgbouncer', 'build.sh')

export interface Pgbouncer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Who signed its certificate: nobody that PostgreSQL's clients trust. */
  readonly ca: string
}

/** Who may ask for verifiers, as `docs/how-to/pgbouncer.md` has it. */
export interface PgbouncerOptions {
  /** Lines of `[pgbouncer]`, in which `DIR` is the folder with the files. */
  readonly settings: readonly string[]
  /** The password of the role pgbouncer. */
  readonly password: string
}

/** A PgBouncer on a free port of the loopback in front of a server, with TLS on both sides. */
export async function startPgbouncer(
  { port: upstream, ca: serverCa }: Pick<Postgres, 'port' | 'ca'>,
  { settings, password }: PgbouncerOptions,
  progress: Progress = () => undefined,
): Promise<Pgbouncer> {
  const binary = await pgbouncerBinary(progress)
  const folder = await temporaryFolder('pgbouncer')
  const user = serverUser()
  const put = async (name: string, content: string): Promise<void> => {
    const path = join(folder.path, name)
    await writeFile(path, content, { mode: 0o600 })
    if (user !== undefined) await chown(path, user.uid, user.gid)
  }
  if (user !== undefined) await chown(folder.path, user.uid, user.gid)
  const command = join(folder.path, 'pgbouncer')
  await copyFile(binary, command)
  await chmod(command, 0o755)
  const authority = createAuthority('Tenantry test PgBouncer')
  const server = authority.issue('pgbouncer', ['localhost', '127.0.0.1'])
  const port = await freePort()
  await put('tls.crt', server.certificate)
  await put('tls.key', server.key)
  await put('server-ca.crt', serverCa)
  await put('userlist.txt', `"pgbouncer" "${password}"\n`)
  const lines = settings.map((line) => line.replaceAll('DIR', folder.path))
  const own = [`listen_addr = 127.0.0.1`, `listen_port = ${port}`, 'unix_socket_dir =']
  const databases = `[databases]\n* = host=localhost port=${upstream}\n`
  await put('pgbouncer.ini', `${databases}\n[pgbouncer]\n${[...lines, ...own].join('\n')}\n`)
  const started = await startProcess({
    name: 'pgbouncer',
    command,
    args: [join(folder.path, 'pgbouncer.ini')],
    logPath: join(folder.path, 'pgbouncer.log'),
    ...user,
  })
  const stop = async (): Promise<void> => {
    await started.stop()
    await folder.remove()
  }
  return { host: 'localhost', port, ca: authority.certificate, [Symbol.asyncDispose]: stop }
}

/** The path of the program: TENANTRY_TEST_PGBOUNCER, or one that is built first where it is missing (a minute, once). */
async function pgbouncerBinary(progress: Progress): Promise<string> {
  const named = process.env['TENANTRY_TEST_PGBOUNCER']
  if (named) return named
  const needs = 'The tests of a pooler build PgBouncer with apt-get, cc and make on Debian'
  const hint = `${needs}: have these there, or name a PgBouncer of 1.19 or later with TENANTRY_TEST_PGBOUNCER.`
  return join(
    await ensureScripted({ name: 'pgbouncer', script, doing: 'building PgBouncer', hint }, progress),
    'pgbouncer',
  )
}
