/**
 * The rotation of a tenant's password, which locks out no reader of the Secret: the unused login role gets a new
 * password, the Secret names it, the status says so, and the former login ends with its grace period. The status
 * records each step before it is taken, so that the next leader finishes it after a crash. Pure.
 */
import { parseDuration } from '../../api/duration.ts'
import { annotations } from '../../api/names.ts'
import type { Tenant, TenantStatus } from '../../api/tenant.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { Verdict } from '../../api/verdict.ts'
import type { LoginName } from '../../postgres/model/port.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { bindingSecretName } from '../model/binding-secret.ts'
import { otherLogin } from '../../postgres/model/login-names.ts'
import { currentLogin } from './current-login.ts'
import { allReaders, hasLostReaders, readersOf } from '../access/secret-readers.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'

type StatusDatabase = NonNullable<TenantStatus['database']>

/** The status record of the credentials. An absent field is removed. */
export type Credentials = { readonly current: LoginName } & Pick<
  StatusDatabase,
  'rotatedAt' | 'lastHandledRotation' | 'formerLoginUntil' | 'readers' | 'rotation'
>

/** What a rotation does in this pass. */
export interface Rotation {
  readonly to: LoginName
  readonly verdict: Verdict
  /** What the status says before the first step. */
  readonly begun: Omit<Credentials, 'current'>
}

export interface CredentialWork {
  readonly current: LoginName
  /** The Secret names `current` and the status does not yet: the role gets the Secret's password again. */
  readonly switched: boolean
  readonly otherLoginAllowed: boolean
  /** The grace period is over: the former login's sessions end. */
  readonly closing: boolean
  readonly rotation: Rotation | undefined
  /** The status record after the rotation. */
  readonly credentials: Credentials
  /** Milliseconds until the grace period is over or the password too old; undefined when neither lies ahead. */
  readonly dueIn: number | undefined
}

interface Facts {
  readonly snapshot: Snapshot
  readonly plan: TenantPlan
  /** Whether logins are on at all: not while the tenant is suspended. */
  readonly loginAllowed: boolean
  /** Whether the size of the data turned the logins off, while the workloads run on. */
  readonly closedForSize: boolean
  /** The Secret has no password that could be kept; it gets a new one in this pass. */
  readonly lost: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

export function credentialWork(facts: Facts): CredentialWork {
  const { snapshot, now } = facts
  const before = snapshot.tenant.status?.database
  const { login: current, switched } = currentLoginOf(snapshot)
  const until = timeOf(before?.formerLoginUntil)
  const inGrace = until !== undefined && now < until
  const closing = until !== undefined && !inGrace && !switched
  const due = rotationDue(facts)
  const begins = due !== undefined && !switched && !inGrace && !closing && !facts.lost && before?.roles !== undefined
  const credentials = begins ? rotated(facts, otherLogin(current)) : kept(facts, current, switched, closing)
  return {
    current,
    switched,
    closing,
    otherLoginAllowed: facts.loginAllowed && (inGrace || switched || isOpenAlready(snapshot, otherLogin(current))),
    rotation: begins ? rotationTo(facts, otherLogin(current), due) : undefined,
    credentials,
    dueIn: dueIn(facts, credentials),
  }
}

export function currentLoginOf({ tenant, names, children }: Snapshot) {
  return currentLogin(tenant, names.database, children[childId('Secret', bindingSecretName)]?.username)
}

/** During a rotation the Secret may name this login already, although the cache does not show it yet. */
function isOpenAlready({ tenant, databaseState }: Snapshot, login: LoginName): boolean {
  const observed = databaseState.kind === 'Observed' ? databaseState.observed : undefined
  return tenant.status?.database?.rotation !== undefined && observed?.logins[login]?.canLogin === true
}

type Due = 'Begun' | 'Requested' | 'AccessEnded' | 'Aged'

/** Why the password is to be changed now. A rotation that has begun is finished, whatever has become of its reason. */
function rotationDue({ snapshot, plan, closedForSize, now }: Facts): Due | undefined {
  const before = snapshot.tenant.status?.database
  if (before?.rotation !== undefined) return 'Begun'
  if (openRotationRequest(snapshot.tenant) !== undefined) return 'Requested'
  if (hasLostReaders(before?.readers, readersOf(snapshot, plan.spec.roles ?? {}))) return 'AccessEnded'
  const tooOld = tooOldAt(plan, before?.rotatedAt, closedForSize)
  return tooOld !== undefined && now >= tooOld ? 'Aged' : undefined
}

function rotationRequest({ metadata }: Tenant): string | undefined {
  return metadata.annotations?.[annotations.rotateRequestedAt]
}

/** Undefined also after the rotation. */
export function openRotationRequest(tenant: Tenant): string | undefined {
  const request = rotationRequest(tenant)
  return request === tenant.status?.database?.lastHandledRotation ? undefined : request
}

/** No rotation begins while the tenant is closed for its size: running pods would have no time to read the new password. */
function tooOldAt({ spec }: TenantPlan, rotatedAt: string | undefined, closedForSize: boolean): number | undefined {
  const since = timeOf(rotatedAt)
  const { maxAge } = spec.database.rotation
  return since === undefined || maxAge === undefined || closedForSize ? undefined : since + parseDuration(maxAge)
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text)
}

const why: Readonly<Record<Due, string>> = {
  Begun: 'a rotation was begun',
  Requested: `the annotation ${annotations.rotateRequestedAt} asks for it`,
  AccessEnded: 'a user who could read it has lost access',
  Aged: 'it is older than the plan allows',
}

function rotationTo(facts: Facts, to: LoginName, due: Due): Rotation {
  const { snapshot, plan } = facts
  const request = rotationRequest(snapshot.tenant)
  const before = snapshot.tenant.status?.database
  return {
    to,
    verdict: { reason: 'Rotating', message: `The password of the database is being changed, as ${why[due]}.` },
    begun: {
      ...recorded(before),
      // A reader who is gone by now cannot read the new password; a reader who goes later is noticed.
      readers: readersOf(snapshot, plan.spec.roles ?? {}),
      rotation: { to, ...(request === undefined ? {} : { request }) },
    },
  }
}

/**
 * The record after a rotation. A tenant without logins gets no grace period: it would only be an open door when the tenant is
 * revived.
 */
function rotated({ snapshot, plan, loginAllowed, now }: Facts, to: LoginName): Credentials {
  const request = rotationRequest(snapshot.tenant)
  return {
    current: to,
    rotatedAt: timestamp(now),
    readers: readersOf(snapshot, plan.spec.roles ?? {}),
    ...(request === undefined ? {} : { lastHandledRotation: request }),
    ...(loginAllowed ? { formerLoginUntil: graceEnd(plan, now) } : {}),
  }
}

function graceEnd({ spec }: TenantPlan, now: number): string {
  const end = now + parseDuration(spec.database.rotation.grace)
  return timestamp(Math.ceil(end / 1000) * 1000)
}

/**
 * The record without a rotation in this pass: as before, with the changes from a new Secret or from the end of an
 * interrupted rotation.
 */
function kept(facts: Facts, current: LoginName, switched: boolean, closing: boolean): Credentials {
  const { snapshot, plan, loginAllowed, lost, now } = facts
  const before = snapshot.tenant.status?.database
  const { rotation, formerLoginUntil, ...rest } = recorded(before)
  const readers = allReaders(before?.readers, readersOf(snapshot, plan.spec.roles ?? {}))
  if (switched) {
    return {
      ...rest,
      current,
      readers,
      rotatedAt: timestamp(now),
      ...(rotation?.request === undefined ? {} : { lastHandledRotation: rotation.request }),
      ...(loginAllowed ? { formerLoginUntil: graceEnd(plan, now) } : {}),
    }
  }
  const request = rotationRequest(snapshot.tenant)
  const made = lost || before?.roles === undefined
  return {
    ...rest,
    current,
    readers,
    ...(closing || formerLoginUntil === undefined ? {} : { formerLoginUntil }),
    ...(rotation === undefined ? {} : { rotation }),
    ...(made || rest.rotatedAt === undefined ? { rotatedAt: timestamp(now) } : {}),
    ...(made && request !== undefined ? { lastHandledRotation: request } : {}),
  }
}

function recorded(before: StatusDatabase | undefined): Omit<Credentials, 'current'> {
  const { rotatedAt, lastHandledRotation, formerLoginUntil, readers, rotation } = before ?? {}
  return {
    ...(rotatedAt === undefined ? {} : { rotatedAt }),
    ...(lastHandledRotation === undefined ? {} : { lastHandledRotation }),
    ...(formerLoginUntil === undefined ? {} : { formerLoginUntil }),
    ...(readers === undefined ? {} : { readers }),
    ...(rotation === undefined ? {} : { rotation }),
  }
}

function dueIn({ plan, closedForSize, now }: Facts, { formerLoginUntil, rotatedAt }: Credentials): number | undefined {
  // No rotation before the grace period is over, so that applications have their time with each password.
  const next = timeOf(formerLoginUntil) ?? tooOldAt(plan, rotatedAt, closedForSize)
  return next === undefined ? undefined : Math.max(0, next - now)
}
