/** What is to be done in PostgreSQL for a tenant, and with the Secret that its roles follow. Pure. */
import { isTrue } from '../../api/conditions.ts'
import type { DatabaseServer } from '../../api/databaseserver.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import { allActions, changeActions, databaseActions } from '../../postgres/reads/drift.ts'
import type { DueKind } from '../../postgres/reads/drift.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import type { Action, Lane, PlannedDatabaseAction, PlannedEntry } from '../model/action.ts'
import { directoryEntries } from '../access/admins.ts'
import { bindingSecretForm, bindingSecretName } from '../model/binding-secret.ts'
import type { BindingInputs } from '../model/binding-secret.ts'
import { databaseTarget, targetDigest } from './target.ts'
import type { DatabaseAccess } from './target.ts'
import { childDigest, digest } from '../../domain/fingerprint.ts'
import { credentialWork } from './rotation.ts'
import type { CredentialWork, Credentials, Rotation } from './rotation.ts'
import { serverGone, wasComplete } from '../validation/missing-reference.ts'
import { isFresh } from '../namespace/namespace-actions.ts'
import { databaseMissing, lossOf } from '../model/provisioned.ts'
import type { Loss } from '../model/provisioned.ts'
import { databaseConflict, isOutOfReach, outOfReach } from '../validation/server-watch.ts'
import { childId } from '../model/snapshot.ts'
import type { Seen } from '../model/snapshot.ts'
import type { Verdict } from '../../api/verdict.ts'

type Kind = DueKind

export interface DatabaseWork {
  /** What runs side by side with the rest of the namespace; the Secret waits for the lane `namespace`. */
  readonly lanes: readonly Lane[]
  /** Why nothing, or not all, can be done now. */
  readonly problem: Verdict | undefined
  /** The server, where the problem is that it cannot be used now. */
  readonly waitsFor?: string
  /** Whether the problem needs a person. */
  readonly stalled: boolean
  /** Whether the lanes do what follows from the size. */
  readonly followsSize: boolean
  /** The credentials that were good are gone: they stop working now, and that is written down first. */
  readonly credentialsLost: boolean
  /** Where the data is lost: what the status records of it. */
  readonly loss?: Loss
  /** The digest of the directory once the actions are done. */
  readonly directory: string
  /** What the status records of the credentials once all is done; undefined where nothing is known of them. */
  readonly credentials: Credentials | undefined
  /** After everything else, so that whoever has no access any more does not read the new password. */
  readonly rotation: (Rotation & { readonly actions: readonly Action[] }) | undefined
  /** Milliseconds until something of it is due again. */
  readonly dueIn: number | undefined
  /** A digest of all that is wanted; undefined where that is not known now. */
  readonly wanted?: string
}

/** What is to be done on the server that the tenant is, or is to be, placed on. */
export function databaseWork(
  seen: Seen,
  plan: TenantPlan,
  serverName: string,
  access: DatabaseAccess,
  now: number,
): DatabaseWork {
  const directory = seen.tenant.status?.database?.directory ?? ''
  const nothing = { credentials: undefined, rotation: undefined, dueIn: undefined }
  const idle = { lanes: [], stalled: false, followsSize: false, credentialsLost: false, directory, ...nothing }
  const server = seen.servers.find(({ metadata }) => metadata.name === serverName)
  if (server === undefined) return { ...idle, problem: serverGone(serverName) }
  if (isOutOfReach(seen, server)) return { ...idle, problem: outOfReach(serverName, seen), waitsFor: serverName }
  const { loginAllowed, closed } = access
  const lost = isSecretLost(seen)
  const credentials = credentialWork({ seen, plan, loginAllowed, closedForSize: closed !== undefined, lost, now })
  const target = databaseTarget(seen, plan, server, access, credentials)
  const due = dueKinds(seen, target)
  const known = { seen, server, target, credentials, turned: access.turned }
  if (due.kind === 'Actions') return workOn(known, due.actions)
  if (due.kind === 'DataMissing') return { ...idle, ...missingWork(known, due.actions), loss: lossOf(seen, now) }
  return { ...idle, stalled: true, problem: databaseConflict(due.message, serverName) }
}

interface Known {
  readonly seen: Seen
  readonly server: DatabaseServer
  readonly target: TenantDatabase
  readonly credentials: CredentialWork
  readonly turned: boolean
}

function workOn(known: Known, due: readonly Kind[]): DatabaseWork {
  const { seen, server, target, credentials } = known
  const { name } = server.metadata
  const inputs = bindingInputs(seen, server, target)
  const lost = isSecretLost(seen)
  const follow = credentials.switched || needsPassword(seen, due, lost)
  const entries = directoryEntries(seen)
  const work = { server: name, target, fresh: seen.corner.kind === 'NotLookedAt' }
  const problem = seen.login === 'RefusedAgain' ? loginRefused(name) : undefined
  return {
    problem,
    stalled: false,
    followsSize: true,
    credentialsLost: lost && isTrue(seen.tenant.status?.conditions, 'DatabaseReady'),
    directory: digest(entries),
    credentials: credentials.credentials,
    rotation: problem === undefined ? rotationOf(known) : undefined,
    dueIn: credentials.dueIn,
    wanted: digest([targetDigest(target), inputs]),
    lanes: [
      lane('secret', ['namespace'], secretActions(seen, inputs)),
      rolesLane(seen, due, work),
      lane('database', ['roles'], databaseSteps(due, work, isDirectoryDue(seen, entries, due) ? entries : undefined)),
      lane('sessions', ['roles'], sessionActions(known)),
      lane(
        'password',
        ['secret', 'roles'],
        follow ? [{ kind: 'SetPassword', ...work, passwordOf: secretOf(seen) }] : [],
      ),
      // Each borrows the same memberships, which only one transaction at a time can.
      lane(
        'objects',
        ['roles', 'database', 'sessions'],
        due.includes('GiveToOwner') ? [step('GiveToOwner', work)] : [],
      ),
    ],
  }
}

function sessionActions({ server, target, credentials, turned }: Known): readonly Action[] {
  const on = { server: server.metadata.name, target }
  // One that is off has none left.
  if (turned && target.loginAllowed) return [{ kind: 'TerminateSessions', ...on }]
  return credentials.closing ? [{ kind: 'EndOtherSessions', ...on }] : []
}

/** Nothing is made, and the Secret stays as it is. A tenant that is off is kept out all the same. */
function missingWork(
  { seen, server, target }: Known,
  due: readonly Kind[],
): Pick<DatabaseWork, 'lanes' | 'problem' | 'stalled'> {
  const { name } = server.metadata
  const work = { server: name, target, fresh: false }
  return {
    problem: databaseMissing(seen, name),
    stalled: true,
    lanes: [rolesLane(seen, due, work), lane('database', ['roles'], databaseSteps(due, work, undefined))],
  }
}

/** The Secret is there before its password is on the server; all else does not wait for it. */
function lane(name: string, after: readonly string[], actions: readonly Action[]): Lane {
  return { target: 'Database', name, after, actions }
}

function rolesLane(seen: Seen, due: readonly Kind[], work: Work): Lane {
  return lane(
    'roles',
    [],
    due.includes('EnsureRoles') ? [{ kind: 'EnsureRoles', ...work, secret: secretOf(seen) }] : [],
  )
}

interface Work {
  readonly server: string
  readonly target: TenantDatabase
  readonly fresh: boolean
}

/** All that has no lane of its own, as it is due, and the directory at last. */
function databaseSteps(
  due: readonly Kind[],
  work: Work,
  entries: readonly PlannedEntry[] | undefined,
): readonly PlannedDatabaseAction[] {
  const elsewhere: ReadonlySet<Kind> = new Set<Kind>(['EnsureRoles', 'GiveToOwner'])
  const steps = due.filter((kind) => !elsewhere.has(kind)).map((kind) => step(kind, work, entries))
  if (entries === undefined || due.includes('EnsureInside')) return steps
  return [...steps, { kind: 'WriteDirectory', ...work, entries }]
}

function step(kind: Kind, work: Work, entries?: readonly PlannedEntry[]): PlannedDatabaseAction {
  switch (kind) {
    case 'EnsureDatabase':
      return { kind, ...work }
    case 'EnsureInside':
      return { kind, ...work, entries }
    case 'EndDump':
    case 'GiveToOwner':
    case 'TerminateSessions':
      return { kind, server: work.server, target: work.target }
    default:
      throw new TypeError(`${kind} is no step towards a database`)
  }
}

/** The other login gets a new password, then the Secret names it. */
function rotationOf({ seen, server, target, credentials }: Known): DatabaseWork['rotation'] {
  const { rotation } = credentials
  if (rotation === undefined) return undefined
  const { to } = rotation
  const both: TenantDatabase = { ...target, ...(target.loginAllowed ? { otherLoginAllowed: true } : {}) }
  const inputs = bindingInputs(seen, server, { ...target, currentLogin: to })
  const actions: readonly Action[] = [
    { kind: 'PrepareLogin', server: server.metadata.name, target: both, secret: secretOf(seen) },
    { kind: 'SwitchBinding', inputs },
  ]
  return { ...rotation, actions }
}

/** When somebody changed in it, and when the inside of the database was made anew: but that is empty already. */
function isDirectoryDue({ tenant }: Seen, entries: readonly PlannedEntry[], kinds: readonly Kind[]): boolean {
  const written = tenant.status?.database?.directory
  if (written === undefined && entries.length === 0) return false
  return written !== digest(entries) || kinds.includes('EnsureInside')
}

/** What the catalogue says is missing. What our own last action settled is not looked at again until the next poll. */
function dueKinds({ corner, rehearsal }: Seen, target: TenantDatabase): ReturnType<typeof databaseActions> {
  if (corner.kind === 'Settled') {
    const same = targetDigest(corner.target) === targetDigest(target)
    return same ? { kind: 'Actions', actions: [] } : changeActions(corner.target, target)
  }
  if (corner.kind === 'NotLookedAt') return allActions(target)
  const due = databaseActions(target, corner.kind === 'Seen' ? corner.observed : undefined)
  // What a rehearsal needs for a while it removes itself.
  if (due.kind !== 'Actions' || !isUnderWay(rehearsal)) return due
  return { ...due, actions: due.actions.filter((kind) => kind !== 'EndDump') }
}

function isUnderWay(rehearsal: Seen['rehearsal']): boolean {
  return typeof rehearsal === 'object' && rehearsal.kind === 'UnderWay'
}

/**
 * Passwords cannot be read from the catalogue. They are set again from the Secret when roles are made, when the Secret is,
 * when a login was refused, and when an earlier pass did not come to its end (DatabaseReady is then not True).
 */
function needsPassword(seen: Seen, due: readonly Kind[], lost: boolean): boolean {
  const ready = wasComplete(seen, 'DatabaseReady')
  return (
    lost ||
    !ready ||
    seen.login === 'Refused' ||
    seen.login === 'RefusedAgain' ||
    (due.includes('EnsureRoles') && rolesMissing(seen))
  )
}

function rolesMissing({ corner }: Seen): boolean {
  if (corner.kind !== 'Seen') return corner.kind === 'NotLookedAt'
  return (
    corner.observed?.owner === undefined ||
    corner.observed.logins.a === undefined ||
    corner.observed.logins.b === undefined
  )
}

function secretOf({ names }: Seen): { readonly namespace: string; readonly name: string } {
  return { namespace: names.namespace, name: bindingSecretName }
}

/** What the Secret says, from the address that applications use. */
function bindingInputs(seen: Seen, { spec, metadata }: DatabaseServer, target: TenantDatabase): BindingInputs {
  const { host, port } = spec.applicationEndpoint ?? spec.endpoint
  return {
    identity: seen.identity,
    ...secretOf(seen),
    host,
    port,
    names: target.names,
    username: target.names.logins[target.currentLogin],
    sslmode: (spec.applicationEndpoint?.tls ?? spec.tls).mode,
    ca: seen.authorities[metadata.name]?.ca,
  }
}

/** There is no password that could be kept. One that is being deleted is there still. */
export function isSecretLost({ children }: Pick<Seen, 'children'>): boolean {
  const there = children[childId('Secret', bindingSecretName)]
  return there?.deleting !== true && there?.password === undefined
}

function secretActions(seen: Seen, inputs: BindingInputs): readonly Action[] {
  const there = seen.children[childId('Secret', inputs.name)]
  if (there?.deleting === true || there?.digest === childDigest('Secret', bindingSecretForm(inputs))) return []
  return [{ kind: 'EnsureBinding', inputs, fresh: isFresh(seen) }]
}

function loginRefused(server: string): Verdict {
  return {
    reason: 'DatabaseLoginFailed',
    message: `The DatabaseServer ${server} refuses the credentials of the Secret ${bindingSecretName}, although they were set again. Look at the server's pg_hba.conf and at the address that applications use. It is tried again by itself.`,
  }
}
