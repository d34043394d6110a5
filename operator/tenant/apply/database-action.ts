/**
 * The actions on a database server: secrets that a decision only refers to (a Secret's password, an admin's password
 * hash) are read here, live, and go no further than the server.
 */
import type { SizeBound } from '../../api/size.ts'
import type { Kube } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import type {
  DatabaseAction,
  DatabaseEffect,
  DirectoryEntry,
  LoginName,
  PostgresServer,
  TenantDatabase,
} from '../../postgres/model/port.ts'
import { otherLogin } from '../../postgres/model/login-names.ts'
import { scramVerifier } from '../../postgres/model/scram.ts'
import type { Random } from '../../runtime/base/clock.ts'
import { passwordHashOf } from '../../domain/acceptance.ts'
import { changedPasswordHashOf } from '../../domain/changed-password.ts'
import type { PlannedDatabaseAction, PlannedEntry } from '../model/action.ts'
import { newPassword } from './write-binding-secret.ts'
import { usernameOf } from '../../domain/fingerprint.ts'
import { StaleRead } from '../model/errors.ts'
import type { SecretKey } from '../../databaseserver/tenant-credentials.ts'
import { readCredentials } from '../../databaseserver/tenant-credentials.ts'
import type { ApplyContext } from './apply-context.ts'

/** The servers as this reconciler needs them; kept by operator/databaseserver. */
export interface DatabaseServers {
  /** The server, connected by what its DatabaseServer says now. Throws PostgresError or KubeError. */
  readonly connect: (server: string, signal: AbortSignal) => Promise<PostgresServer>
}

/** The last knowledge of the tenants' databases; kept by operator/databaseserver. */
export interface CatalogueNotes {
  /** A change is in progress: earlier observations no longer count. */
  readonly invalidate: (server: string, owner: string) => void
  /** Tenantry's own action has made everything as this target says. */
  readonly assume: (server: string, target: TenantDatabase) => void
  /** The tenant with this uid is woken as soon as the server can be used again. */
  readonly missed: (server: string, uid: string) => void
  /** The tenant with this uid is woken when a look finds its data on another level than this bound says. */
  readonly boundSize: (server: string, owner: string, uid: string, bound: SizeBound | undefined) => void
  /** No Tenant with this uid exists any more. */
  readonly forgetTenant: (uid: string) => void
}

export interface DatabasePorts {
  readonly kube: Kube
  readonly random: Pick<Random, 'bytes'>
  readonly servers: DatabaseServers
  readonly notes: CatalogueNotes
}

/** Throws PostgresError, or KubeError where a referenced object cannot be read. */
export async function applyDatabaseAction(
  action: PlannedDatabaseAction,
  context: ApplyContext,
  ports: DatabasePorts,
): Promise<DatabaseEffect> {
  const { server, target } = action
  const invalidate = () => ports.notes.invalidate(server, target.names.owner)
  invalidate()
  try {
    const [connection, concrete] = await Promise.all([
      ports.servers.connect(server, context.signal),
      concreteAction(action, context, ports),
    ])
    return await connection.apply(concrete, context.signal)
  } finally {
    // A poll that began meanwhile may have read the state before.
    invalidate()
  }
}

/** Assumes the target after everything that was due for it, until the server is asked again. */
export function assume({ server, target }: PlannedDatabaseAction, { notes }: DatabasePorts): void {
  notes.assume(server, target)
}

async function concreteAction(
  action: PlannedDatabaseAction,
  context: ApplyContext,
  ports: DatabasePorts,
): Promise<DatabaseAction> {
  switch (action.kind) {
    case 'EnsureRoles':
      if (!action.certainlyAbsent) await assertCurrent(action.target, action.secret, ports.kube)
      return { kind: action.kind, target: action.target, verifiers: {}, certainlyAbsent: action.certainlyAbsent }
    case 'SetPassword':
      return { kind: action.kind, target: action.target, verifiers: await verifiersFor(action, context, ports) }
    case 'EnsureDatabase':
      return { kind: action.kind, target: action.target, certainlyAbsent: action.certainlyAbsent }
    case 'EnsureInside': {
      const entries = action.entries && (await rowsOf(action.entries, context, ports))
      return { kind: action.kind, target: action.target, entries, certainlyAbsent: action.certainlyAbsent }
    }
    case 'PrepareLogin':
      return {
        kind: 'EnsureRoles',
        target: action.target,
        verifiers: await nextVerifier(action, context, ports),
        next: otherLogin(action.target.currentLogin),
      }
    case 'WriteDirectory':
      return { kind: action.kind, target: action.target, entries: await rowsOf(action.entries, context, ports) }
    default:
      return { kind: action.kind, target: action.target }
  }
}

function rowsOf(
  entries: readonly PlannedEntry[],
  context: ApplyContext,
  ports: DatabasePorts,
): Promise<DirectoryEntry[]> {
  return Promise.all(entries.map((each) => withHash(each, context, ports)))
}

type SetPassword = Extract<PlannedDatabaseAction, { kind: 'SetPassword' }>

async function verifiersFor(
  { passwordOf: reference, target }: SetPassword,
  context: ApplyContext,
  ports: DatabasePorts,
): Promise<Partial<Record<LoginName, string>>> {
  const key = `${reference.namespace}/${reference.name}`
  const password = context.passwords.get(key) ?? (await passwordFor(target, reference, ports.kube))
  return { [target.currentLogin]: await scramVerifier(password, ports.random) }
}

/** A cache that has not heard of a rotation must not give one login the password of the other. */
async function passwordFor(target: TenantDatabase, key: SecretKey, kube: Pick<Kube, 'get'>): Promise<string> {
  const { username, password } = await readCredentials(key, kube)
  assertNotOther(username, target, key)
  return password
}

/** A process with stale caches, or without leadership, must not close the login that applications use. */
async function assertCurrent(target: TenantDatabase, key: SecretKey, kube: Pick<Kube, 'get'>): Promise<void> {
  const read = await kube.get(secrets, key)
  if (read !== undefined) assertNotOther(usernameOf(read), target, key)
}

function assertNotOther(username: string | undefined, target: TenantDatabase, key: SecretKey): void {
  if (username === target.names.logins[otherLogin(target.currentLogin)])
    throw new StaleRead(`the Secret ${key.namespace}/${key.name} names the other login`)
}

type PrepareLogin = Extract<PlannedDatabaseAction, { kind: 'PrepareLogin' }>

/** The new password exists in this pass and nowhere else, until the Secret holds it. */
async function nextVerifier(
  { target, secret }: PrepareLogin,
  context: ApplyContext,
  { kube, random }: DatabasePorts,
): Promise<Partial<Record<LoginName, string>>> {
  const { read, username } = await readCredentials(secret, kube)
  if (username !== target.names.logins[target.currentLogin])
    throw new StaleRead(`the Secret ${secret.namespace}/${secret.name} does not name the current login`)
  const password = newPassword(random)
  context.next.set(`${secret.namespace}/${secret.name}`, { read, password })
  return { [otherLogin(target.currentLogin)]: await scramVerifier(password, random) }
}

async function withHash(planned: PlannedEntry, context: ApplyContext, ports: DatabasePorts): Promise<DirectoryEntry> {
  const { entry, acceptance, changed } = planned
  if (acceptance === undefined) return entry
  const read = (name: string) => ports.kube.get(secrets, { namespace: context.webNamespace, name })
  const own = changed === undefined ? undefined : await read(changed.name)
  const chosen = own && changedPasswordHashOf(own)
  if (chosen !== undefined) return { ...entry, passwordHash: chosen }
  const accepted = await read(acceptance)
  const hash = accepted && passwordHashOf(accepted)
  return hash === undefined ? entry : { ...entry, passwordHash: hash }
}
