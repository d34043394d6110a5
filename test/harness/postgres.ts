import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFile, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createAuthority } from './certificate.ts'
import type { Authority, Certificate } from './certificate.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'
import { postgresAt } from './postgres-access.ts'
import type { PostgresAccess, PostgresAddress } from './postgres-access.ts'
import { hasLibrary, reachableBinaries, serverUser } from './postgres-binaries.ts'
import type { PostgresBinaries, PostgresMajor, ServerUser } from './postgres-binaries.ts'
import { configuration, clientAuthentication, firstStatements, linesOf, shownFile } from './postgres-setup.ts'
import { startProcess } from './process.ts'
import type { ServerProcess } from './process.ts'
import { eventually } from './wait.ts'

export interface PostgresOptions {
  /** 18 by default. */
  readonly major?: PostgresMajor
  /** 100 by default, as PostgreSQL's. */
  readonly maxConnections?: number
  /** What template0 has; UTF8 by default. */
  readonly encoding?: 'UTF8' | 'SQL_ASCII'
  /** More lines of postgresql.conf: `{ log_statement: 'all' }`. */
  readonly settings?: Readonly<Record<string, string>>
  readonly onProgress?: (sentence: string) => void
}

/** A PostgreSQL server of our own, for faults too. */
export interface Postgres extends PostgresAccess, AsyncDisposable {
  readonly major: PostgresMajor
  readonly server: ServerProcess
  /** Ends the server and keeps its data: sessions are ended (fast), or it crashes (immediate). */
  down(mode?: 'fast' | 'immediate'): Promise<void>
  /** Starts it again at the same port. */
  up(): Promise<void>
  /** Nothing answers any more and nothing breaks, until `resume`. */
  pause(): void
  resume(): void
  /** All transactions, of sessions that exist too, are read-only: writes fail with SQLSTATE 25006. */
  readOnly(on: boolean): Promise<void>
  /** The one that issued its certificate. */
  readonly authority: Authority
  /** New sessions meet this from now on, in place of what the server began with; those that exist stay as they are. */
  show(shown: Shown): Promise<void>
  /** Ends the server and removes its data. Repeating it is no error. */
  stop(): Promise<void>
}

/** Nothing: what the server began with. */
export interface Shown {
  readonly certificate?: Certificate
  /** Lines of postgresql.conf that need no restart. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * Starts PostgreSQL on a free port of the loopback, with TLS only and SCRAM-SHA-256 only, prepared as a DatabaseServer
 * has to be: the operator's account is there, and PUBLIC may connect to no database. It lives no longer than the
 * calling process.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  options.onProgress?.('starting PostgreSQL')
  const user = serverUser()
  const folder = await temporaryFolder('postgres')
  const stack = new AsyncDisposableStack()
  stack.defer(() => folder.remove())
  try {
    const { major = 18 } = options
    const binaries = await reachableBinaries(folder.path, user, major)
    const port = await freePort()
    const laid = await layPostgres({ folder: folder.path, user, binaries, port, options })
    const start = (): Promise<ServerProcess> => startServer(folder.path, user, binaries, laid.address)
    return Object.assign(await prepare(laid, await start(), start, stack, binaries), { major })
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

interface Layout {
  readonly folder: string
  readonly user: ServerUser
  readonly binaries: PostgresBinaries
  readonly port: number
  readonly options: PostgresOptions
}

/** A server that is ready to be started. */
interface Laid {
  readonly address: PostgresAddress
  readonly authority: Authority
  /** Writes what the server shows from its next reload on. */
  readonly lay: (shown: Shown) => Promise<void>
}

async function layPostgres({ folder, user, binaries, port, options }: Layout): Promise<Laid> {
  const data = join(folder, 'data')
  const give = async (path: string): Promise<void> => (user ? chown(path, user.uid, user.gid) : undefined)
  const put = async (path: string, content: string): Promise<string> => {
    await writeFile(path, content, { mode: 0o600 })
    await give(path)
    return path
  }
  await give(folder)
  await mkdir(data, { mode: 0o700 })
  await give(data)
  const superuser = { user: 'postgres', password: password() }
  const passwordFile = await put(join(folder, 'password'), superuser.password)
  await initialise(binaries, data, passwordFile, user, options.encoding)
  const authority = createAuthority('Tenantry test PostgreSQL')
  const own = authority.issue('postgres', ['localhost', '127.0.0.1'])
  const lay = async ({ certificate = own, settings: shown = {} }: Shown): Promise<void> => {
    await put(join(data, 'server.crt'), certificate.certificate)
    await put(join(data, 'server.key'), certificate.key)
    await put(join(data, shownFile), linesOf(shown))
  }
  await lay({})
  const { maxConnections = 100, settings = {} } = options
  const preload = hasLibrary(binaries, 'pg_stat_statements') ? { shared_preload_libraries: 'pg_stat_statements' } : {}
  await appendFile(join(data, 'postgresql.conf'), configuration(port, { maxConnections, ...preload }, settings))
  await put(join(data, 'pg_hba.conf'), clientAuthentication)
  const address = {
    host: 'localhost',
    port,
    ca: authority.certificate,
    caPath: await put(join(folder, 'ca.crt'), authority.certificate),
    superuser,
    operator: { user: 'tenantry', password: password() },
    logPath: join(folder, 'postgres.log'),
  }
  return { address, authority, lay }
}

async function initialise(
  binaries: PostgresBinaries,
  data: string,
  passwordFile: string,
  user: ServerUser,
  encoding = 'UTF8',
): Promise<void> {
  const args = [
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    `--encoding=${encoding}`,
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]
  await promisify(execFile)(binaries.initdb, args, { ...user, cwd: data, env: environment })
}

/** Messages in English, whatever the person's language is; none of the person's PG* variables. */
const environment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }

async function startServer(
  folder: string,
  user: ServerUser,
  binaries: PostgresBinaries,
  address: PostgresAddress,
): Promise<ServerProcess> {
  const server = await startProcess({
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: ['-D', join(folder, 'data')],
    logPath: address.logPath,
    env: environment,
    cwd: folder,
    ...user,
  })
  const answers = async (): Promise<true> => {
    server.assertAlive()
    await postgresAt(address).query('SELECT 1')
    return true
  }
  const ended = server.exited.then(() => server.assertAlive())
  await Promise.race([ended, eventually(answers, { timeout: 60_000, describe: 'PostgreSQL to answer' })])
  return server
}

async function prepare(
  { address, authority, lay }: Laid,
  first: ServerProcess,
  start: () => Promise<ServerProcess>,
  stack: AsyncDisposableStack,
  binaries: PostgresBinaries,
): Promise<Omit<Postgres, 'major'>> {
  let server = first
  stack.defer(() => server.stop({ signal: 'SIGQUIT' }))
  const access = postgresAt(address)
  for (const statement of firstStatements(address.operator, hasLibrary(binaries, 'pg_stat_statements')))
    await access.query(statement)
  const stop = (): Promise<void> => stack.disposeAsync()
  return {
    ...access,
    get server() {
      return server
    },
    // It writes a checkpoint first: killed in the midst of it, it would crash instead.
    down: (mode = 'fast') => server.stop({ signal: mode === 'fast' ? 'SIGINT' : 'SIGQUIT', timeout: 60_000 }),
    async up() {
      if (!server.alive()) server = await start()
    },
    pause: () => server.pause(),
    resume: () => server.resume(),
    async readOnly(on) {
      await using session = await access.connect()
      // The session may be read-only itself already; ALTER SYSTEM is allowed all the same.
      await session.query(`ALTER SYSTEM SET default_transaction_read_only = ${on ? 'on' : 'off'}`)
      await session.query('SELECT pg_reload_conf()')
      await eventually(async () => (await setting(access)) === (on ? 'on' : 'off'), {
        describe: 'PostgreSQL to take the setting over',
      })
    },
    authority,
    async show(shown) {
      const reloads = async () =>
        (await readFile(address.logPath, 'utf8')).split('reloading configuration files').length
      const before = await reloads()
      await lay(shown)
      server.signal('SIGHUP')
      // It takes no session between this line and the end of the reload.
      await eventually(async () => (await reloads()) > before, { describe: 'PostgreSQL to reload its configuration' })
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function setting(access: PostgresAccess): Promise<string | undefined> {
  const rows = await access.query<{ value: string }>(`SELECT current_setting('default_transaction_read_only') AS value`)
  return rows[0]?.value
}

function password(): string {
  return randomBytes(18).toString('base64url')
}
