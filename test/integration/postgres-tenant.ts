/** Tenants on a PostgreSQL server of their own, for the tests of operator/postgres. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { connectPostgres } from '../../operator/postgres/adapter.ts'
import type { PostgresOptions } from '../../operator/postgres/adapter.ts'
import { databaseActions } from '../../operator/postgres/reads/drift-statements.ts'
import type { DueKind } from '../../operator/postgres/reads/drift-statements.ts'
import type { ServerAddress } from '../../operator/postgres/model/address.ts'
import { PostgresError } from '../../operator/postgres/model/port.ts'
import type { DatabaseAction, PostgresServer, TenantDatabase } from '../../operator/postgres/model/port.ts'
import { scramVerifier } from '../../operator/postgres/model/scram.ts'
import { databaseTarget } from '../database-target.ts'
import type { PostgresAccess, Session } from '../harness/postgres-access.ts'
import { repeated } from '../harness/wait.ts'
import type { ObservedDatabase } from '../../operator/postgres/model/observed-database.ts'

export const installation = 'test'

const clock: PostgresOptions['clock'] = {
  monotonic: () => performance.now(),
  after: (delay, run) => {
    const timer = setTimeout(run, delay)
    return () => clearTimeout(timer)
  },
}

/** Only so that a test ends which would hang: all of a file may come at once, on a machine that does other things beside. */
export const soon = (milliseconds = 180_000): AbortSignal => AbortSignal.timeout(milliseconds)

export function addressOf(
  { host, port, ca, operator }: PostgresAccess,
  overrides: Partial<ServerAddress> = {},
): ServerAddress {
  const { user: username, password } = operator
  return { host, port, username, password, tls: { mode: 'verify-full', ca }, ...overrides }
}

/** The operator's side of a server, as a pod of its own; closed after the test. */
export function operatorOn(
  t: { teardown(clean: () => Promise<void>): void },
  access: PostgresAccess,
  options: Partial<PostgresOptions> & { address?: Partial<ServerAddress> } = {},
): PostgresServer {
  const { address, ...rest } = options
  const connect = connectPostgres({ installation, podUid: 'pod-1', clock, ...rest })
  const server = connect(addressOf(access, address))
  t.teardown(() => server.close())
  return server
}

export interface TestTenant {
  readonly target: TenantDatabase
  readonly password: string
  readonly verifier: string
}

export async function tenant(overrides: Partial<TenantDatabase> = {}, of = installation): Promise<TestTenant> {
  const uid = randomBytes(8).toString('hex')
  const password = randomBytes(12).toString('base64url')
  const target = databaseTarget({ installation: of, tenant: `home/${uid}`, uid }, overrides)
  return { target, password, verifier: await scramVerifier(password, { bytes: randomBytes }) }
}

export function action(kind: DueKind, { target, verifier }: TestTenant): DatabaseAction {
  if (kind === 'EnsureRoles' || kind === 'SetPassword')
    return { kind, target, verifiers: { [target.currentLogin]: verifier } }
  if (kind === 'WriteDirectory') return { kind, target, entries: [] }
  return { kind, target }
}

export const provisioning = ['EnsureRoles', 'EnsureDatabase', 'EnsureInside'] as const
export const removal = ['DisableLogins', 'TerminateSessions', 'DropDatabase', 'DropRoles'] as const

export async function applyAll(
  server: PostgresServer,
  of: TestTenant,
  kinds: readonly DueKind[] = provisioning,
): Promise<void> {
  for (const kind of kinds) await server.apply(action(kind, of), soon())
}

export async function provisioned(
  server: PostgresServer,
  overrides: Partial<TenantDatabase> = {},
): Promise<TestTenant> {
  const made = await tenant(overrides)
  await untilAnswered(() => applyAll(server, made))
  return made
}

/** As the operator does: what had no answer in time, on a machine that stood still, is done once more. */
export const untilAnswered = (act: () => Promise<unknown>) => repeated(act, { times: 4, passes: isSilence })

const isSilence = (error: unknown) =>
  error instanceof PostgresError && ['Timeout', 'Unavailable'].includes(error.reason)

export async function observed(server: PostgresServer, { target }: TestTenant): Promise<ObservedDatabase> {
  const seen = (await server.catalogue(soon(), [target.names])).get(target.names.owner)
  if (seen === undefined) throw new Error('the catalogue has no answer for a name it was asked for')
  return seen
}

/** What is left to do, or the conflict's message; `all`: by the look at all tenants, which sees more. */
export async function left(
  server: PostgresServer,
  of: TestTenant,
  look: 'one' | 'all' = 'one',
): Promise<readonly string[] | string> {
  const seen = look === 'one' ? await observed(server, of) : (await server.catalogue(soon())).get(of.target.names.owner)
  const verdict = databaseActions(of.target, seen)
  if (verdict.kind === 'DataMissing') return 'DataMissing'
  return verdict.kind === 'Actions' ? verdict.actions : verdict.message
}

/** Counts the writes and stops, as a crash would, right before the one with this number. */
export function crashing(before: number): { mayWrite: () => void; writes: () => number } {
  let writes = 0
  return {
    writes: () => writes,
    mayWrite: () => {
      writes += 1
      if (writes === before) throw new Error('crashed')
    },
  }
}

/** A session as the tenant's application has it. */
export function loginAs(access: PostgresAccess, of: TestTenant, database = of.target.names.database): Promise<Session> {
  const user = of.target.names.logins[of.target.currentLogin]
  return access.connect({ user, password: of.password, database, applicationName: 'application' })
}

/** `undefined` when the statement succeeds, else its SQLSTATE. */
export async function sqlstate(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code
    throw error
  }
}

/** Roles, databases, memberships, settings, comments, rights: all of the tenant's in the shared catalogues, without oids. */
export async function sharedCatalogue(access: PostgresAccess, { target }: TestTenant): Promise<unknown> {
  const like = `${target.names.owner}%`
  const rows = await access.query(
    `SELECT 'role' AS kind, r.rolname::text AS name, concat_ws(' ', rolcanlogin, rolconnlimit, rolinherit, rolsuper, rolcreatedb, rolcreaterole,
        rolconfig, shobj_description(r.oid, 'pg_authid')) AS detail FROM pg_roles r WHERE rolname LIKE $1
     UNION ALL SELECT 'database', datname, concat_ws(' ', pg_get_userbyid(datdba), datconnlimit, datallowconn, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a),
        shobj_description(oid, 'pg_database')) FROM pg_database WHERE datname LIKE $1
     UNION ALL SELECT 'member', roleid::regrole::text, concat_ws(' ', member::regrole, grantor::regrole, admin_option)
        FROM pg_auth_members WHERE roleid::regrole::text LIKE $1 OR member::regrole::text LIKE $1
     ORDER BY 1, 2, 3`,
    [like],
  )
  return rows.map((row) => ({ ...row }))
}
