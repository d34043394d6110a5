/** The actions in PostgreSQL for a tenant, and on the Secret that its roles follow. Pure. */
import { isTrue } from '../../api/conditions.ts'
import type { DatabaseServer } from '../../api/databaseserver.ts'
import { failureVerdict } from '../../api/failures.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { DueKind } from '../../postgres/reads/drift-statements.ts'
import type { TenantDatabase } from '../../postgres/model/port.ts'
import type { Action, Lane } from '../model/action.ts'
import { directoryEntries } from '../access/admins.ts'
import { bindingSecretName } from '../model/binding-secret.ts'
import type { BindingInputs } from '../model/binding-secret.ts'
import { databaseTarget, targetDigest } from './database-target.ts'
import type { DatabaseAccess } from './database-target.ts'
import { digest } from '../../domain/fingerprint.ts'
import { credentialWork } from './rotation.ts'
import type { CredentialWork, Credentials, Rotation } from './rotation.ts'
import { serverGone } from '../validation/missing-reference.ts'
import { databaseMissing, lossOf } from '../model/data-loss.ts'
import type { Loss } from '../model/data-loss.ts'
import { databaseConflict, isServerUnusable, serverBlocker } from '../validation/server-watch.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Verdict } from '../../api/verdict.ts'
import { bindingInputs, isSecretLost, secretActions, secretOf } from './binding-secret-actions.ts'
import { dueKinds, isDirectoryDue, needsPassword } from './due.ts'
import { databaseSteps, lane, rolesLane, step } from './database-lanes.ts'

export interface DatabaseWork {
  /** The lanes that run side by side with the rest of the namespace; the Secret waits for the lane `namespace`. */
  readonly lanes: readonly Lane[]
  /** What blocks the work, or a part of it. */
  readonly blocker: Verdict | undefined
  /** The server that cannot be used now, where that is the blocker. */
  readonly waitsFor?: string
  /** Whether the blocker needs a person. */
  readonly stalled: boolean
  /** Whether the lanes carry out the consequences of the size. */
  readonly followsSize: boolean
  /** The good credentials are gone: they stop working now, and the status says so first. */
  readonly credentialsLost: boolean
  /** The status record of the loss, where the data is lost. */
  readonly loss?: Loss
  /** The digest of the directory once the actions are done. */
  readonly directory: string
  /** The status record of the credentials after the actions; undefined where nothing is known of them. */
  readonly credentials: Credentials | undefined
  /** The rotation runs after everything else, so that a reader who has lost access does not read the new password. */
  readonly rotation: (Rotation & { readonly actions: readonly Action[] }) | undefined
  /** Milliseconds until the next action in PostgreSQL is due. */
  readonly dueIn: number | undefined
  /** A digest of the wanted state; undefined where it is unknown now. */
  readonly wanted?: string
}

/** The actions on the server that the tenant is placed on, or is to be placed on. */
export function databaseWork(
  snapshot: Snapshot,
  plan: TenantPlan,
  serverName: string,
  access: DatabaseAccess,
  now: number,
): DatabaseWork {
  const directory = snapshot.tenant.status?.database?.directory ?? ''
  const nothing = { credentials: undefined, rotation: undefined, dueIn: undefined }
  const idle = { lanes: [], stalled: false, followsSize: false, credentialsLost: false, directory, ...nothing }
  const server = snapshot.servers.find(({ metadata }) => metadata.name === serverName)
  if (server === undefined) return { ...idle, blocker: serverGone(serverName) }
  if (isServerUnusable(snapshot, server)) return { ...idle, ...serverBlocker(serverName, snapshot) }
  const { loginAllowed, closed } = access
  const lost = isSecretLost(snapshot)
  const credentials = credentialWork({ snapshot, plan, loginAllowed, closedForSize: closed !== undefined, lost, now })
  const target = databaseTarget(snapshot, plan, server, access, credentials)
  const due = dueKinds(snapshot, target)
  const known = { snapshot, server, target, credentials, turned: access.turned }
  if (due.kind === 'Actions') return workOn(known, due.actions)
  if (due.kind === 'DataMissing') return { ...idle, ...missingWork(known, due.actions), loss: lossOf(snapshot, now) }
  return { ...idle, stalled: true, blocker: databaseConflict(due.message, serverName) }
}

interface Known {
  readonly snapshot: Snapshot
  readonly server: DatabaseServer
  readonly target: TenantDatabase
  readonly credentials: CredentialWork
  readonly turned: boolean
}

function workOn(known: Known, due: readonly DueKind[]): DatabaseWork {
  const { snapshot, server, target, credentials } = known
  const { name } = server.metadata
  const inputs = bindingInputs(snapshot, server, target)
  const lost = isSecretLost(snapshot)
  const entries = directoryEntries(snapshot)
  const blocker =
    snapshot.login === 'RefusedAgain'
      ? failureVerdict('TenantLoginRefused', { server: name, name: bindingSecretName })
      : undefined
  return {
    blocker,
    stalled: false,
    followsSize: true,
    credentialsLost: lost && isTrue(snapshot.tenant.status?.conditions, 'DatabaseReady'),
    directory: digest(entries),
    credentials: credentials.credentials,
    rotation: blocker === undefined ? rotationOf(known) : undefined,
    dueIn: credentials.dueIn,
    wanted: digest([targetDigest(target), inputs]),
    lanes: lanesOf(known, due, inputs),
  }
}

function lanesOf(known: Known, due: readonly DueKind[], inputs: BindingInputs): readonly Lane[] {
  const { snapshot, server, target, credentials } = known
  const follow = credentials.switched || needsPassword(snapshot, due, isSecretLost(snapshot))
  const entries = directoryEntries(snapshot)
  const steps = isDirectoryDue(snapshot, entries, due) ? entries : undefined
  const certainlyAbsent = snapshot.databaseState.kind === 'NotLookedAt'
  const work = { server: server.metadata.name, target, certainlyAbsent }
  return [
    lane('secret', ['namespace'], secretActions(snapshot, inputs)),
    rolesLane(snapshot, due, work),
    lane('database', ['roles'], databaseSteps(due, work, steps)),
    lane('sessions', ['roles'], sessionActions(known)),
    lane(
      'password',
      ['secret', 'roles'],
      follow ? [{ kind: 'SetPassword', ...work, passwordOf: secretOf(snapshot) }] : [],
    ),
    // Each borrows the same memberships, which only one transaction at a time can.
    lane('objects', ['roles', 'database', 'sessions'], due.includes('GiveToOwner') ? [step('GiveToOwner', work)] : []),
  ]
}

function sessionActions({ server, target, credentials, turned }: Known): readonly Action[] {
  const on = { server: server.metadata.name, target }
  // A suspended tenant has no sessions left.
  if (turned && target.loginAllowed) return [{ kind: 'TerminateSessions', ...on }]
  return credentials.closing ? [{ kind: 'EndOtherSessions', ...on }] : []
}

/** Nothing is made, and the Secret stays as it is. The logins of a suspended tenant are turned off all the same. */
function missingWork(
  { snapshot, server, target }: Known,
  due: readonly DueKind[],
): Pick<DatabaseWork, 'lanes' | 'blocker' | 'stalled'> {
  const { name } = server.metadata
  const work = { server: name, target, certainlyAbsent: false }
  return {
    blocker: databaseMissing(snapshot, name),
    stalled: true,
    lanes: [rolesLane(snapshot, due, work), lane('database', ['roles'], databaseSteps(due, work, undefined))],
  }
}

/** The other login gets a new password, then the Secret names it. */
function rotationOf({ snapshot, server, target, credentials }: Known): DatabaseWork['rotation'] {
  const { rotation } = credentials
  if (rotation === undefined) return undefined
  const { to } = rotation
  const both: TenantDatabase = { ...target, ...(target.loginAllowed ? { otherLoginAllowed: true } : {}) }
  const inputs = bindingInputs(snapshot, server, { ...target, currentLogin: to })
  const actions: readonly Action[] = [
    { kind: 'PrepareLogin', server: server.metadata.name, target: both, secret: secretOf(snapshot) },
    { kind: 'SwitchBinding', inputs },
  ]
  return { ...rotation, actions }
}
