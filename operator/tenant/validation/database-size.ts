/** The size limit of a tenant's data, the share of it that is used, and the consequences. Pure. */
import { findCondition } from '../../api/conditions.ts'
import { overSizes } from '../../api/phases.ts'
import type { OverSize } from '../../api/phases.ts'
import type { Reason } from '../../api/reasons.ts'
import { sizeLevel } from '../../api/size.ts'
import type { SizeBound, SizeLevel } from '../../api/size.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { Check, Verdict } from '../../api/verdict.ts'
import { choosePlan } from '../model/tenant-plan.ts'
import { quantityValue } from '../../domain/quantity.ts'
import type { Snapshot } from '../model/snapshot.ts'

export interface SizeVerdict {
  /** Undefined where the size is not limited. */
  readonly bound: SizeBound | undefined
  readonly told: Verdict | 'Within'
  /** Why the size turned the logins off; undefined where it did not. */
  readonly closed: Verdict | undefined
  /** Whether sessions begin read-only. */
  readonly readOnly: boolean
  /** Whether that has changed: sessions that began the other way end. */
  readonly turned: boolean
}

/** Where the size is unknown now, the last report stays. */
export function judgeSize(
  snapshot: Pick<Snapshot, 'tenant' | 'home' | 'databaseState'>,
  plan: TenantPlan,
): SizeVerdict {
  const limit = sizeLimitOf(snapshot, plan)
  const wasReadOnly = toldReason(snapshot) === 'DatabaseReadOnly'
  if (limit === undefined)
    return { bound: undefined, told: 'Within', closed: undefined, readOnly: false, turned: wasReadOnly }
  const measured = sizeOf(snapshot)
  const before = toldLevel(snapshot)
  const level = measured === undefined ? before : sizeLevel(measured, { bytes: limit.bytes, level: before })
  const told = verdicts[level](limit)
  const isClosed = level === 'OverSize' && limit.overSize === 'Off' && told !== 'Within'
  const readOnly = level === 'OverSize' && limit.overSize === 'ReadOnly'
  return {
    bound: { bytes: limit.bytes, level },
    told,
    closed: isClosed ? told : undefined,
    readOnly,
    turned: readOnly !== wasReadOnly,
  }
}

interface SizeLimit {
  readonly bytes: number
  /** The limit as it was given. */
  readonly text: string
  /** The field that gives the limit, in words. */
  readonly field: string
  readonly overSize: OverSize
}

/** The tenant's own limit; for an MSP's customer only within the plan. */
function sizeLimitOf({ tenant, home }: Pick<Snapshot, 'tenant' | 'home'>, plan: TenantPlan): SizeLimit | undefined {
  const own = given(tenant.spec.database.maxSize, 'spec.database.maxSize')
  const planned = given(plan.spec.database.maxSize, `spec.database.maxSize of the TenantPlan ${plan.metadata.name}`)
  const isCustomer = home.kind === 'Msp'
  const limit =
    isCustomer && own !== undefined && planned !== undefined && planned.bytes < own.bytes ? planned : (own ?? planned)
  if (limit === undefined) return undefined
  const desired = tenant.spec.database.overSize ?? overSizeOf(plan)
  return { ...limit, overSize: isCustomer && isMilder(desired, plan) ? overSizeOf(plan) : desired }
}

function overSizeOf({ spec }: TenantPlan): OverSize {
  return spec.database.overSize ?? 'Warn'
}

function given(text: string | undefined, field: string): Omit<SizeLimit, 'overSize'> | undefined {
  const bytes = text === undefined ? undefined : quantityValue(text)
  return text === undefined || bytes === undefined ? undefined : { bytes, text, field }
}

function isMilder(desired: OverSize, plan: TenantPlan): boolean {
  return overSizes.indexOf(desired) < overSizes.indexOf(overSizeOf(plan))
}

/** An MSP's admins choose for its customers within their plans, and not beyond them at the cost of others. */
export const databaseSizeNotAllowed: Check<Snapshot> = (snapshot) => {
  const { plan } = choosePlan(snapshot)
  const { maxSize, overSize } = snapshot.tenant.spec.database
  if (plan === undefined || snapshot.home.kind !== 'Msp') return undefined
  const { name } = plan.metadata
  const { database: planned } = plan.spec
  const [asked, most] = [maxSize, planned.maxSize].map((text) => (text === undefined ? undefined : quantityValue(text)))
  if (asked !== undefined && most !== undefined && asked > most)
    return {
      reason: 'DatabaseSizeNotAllowed',
      message: `spec.database.maxSize: ${maxSize} is more than the TenantPlan ${name} gives to customers of an MSP (${planned.maxSize}). Give a lower one, or none.`,
    }
  if (overSize === undefined || !isMilder(overSize, plan)) return undefined
  return {
    reason: 'DatabaseSizeNotAllowed',
    message: `spec.database.overSize: ${overSize} is milder than the TenantPlan ${name} allows customers of an MSP (${overSizeOf(plan)}). Set ${overSizeOf(plan)}, or remove the field.`,
  }
}

function sizeOf({ databaseState }: Pick<Snapshot, 'databaseState'>): number | undefined {
  if (databaseState.kind === 'Assumed') return databaseState.sizeBytes
  return databaseState.kind === 'Observed' ? databaseState.observed?.sizeBytes : undefined
}

function toldReason({ tenant }: Pick<Snapshot, 'tenant'>): Reason | undefined {
  return findCondition(tenant.status?.conditions, 'DatabaseOverSize')?.reason
}

function toldLevel(snapshot: Pick<Snapshot, 'tenant'>): SizeLevel {
  const reason = toldReason(snapshot)
  if (reason === undefined) return 'Within'
  return reason === 'DatabaseNearlyFull' ? 'NearlyFull' : 'OverSize'
}

/** A DELETE alone frees no space: PostgreSQL keeps it for new rows of the table. */
const room = 'TRUNCATE, DROP TABLE, or VACUUM FULL after a DELETE'

const verdicts: Readonly<Record<SizeLevel, (limit: SizeLimit) => Verdict | 'Within'>> = {
  Within: () => 'Within',
  NearlyFull: ({ text, field, overSize }) => ({
    reason: 'DatabaseNearlyFull',
    message: `The data takes more than 80 % of its limit (${text}, ${field}). ${beyond[overSize]} Make room (${room}), or raise the limit. The condition clears below 75 %.`,
  }),
  OverSize: ({ text, field, overSize }) => ({
    reason: overSize === 'ReadOnly' ? 'DatabaseReadOnly' : 'DatabaseOverSize',
    message: `The data takes more than its limit (${text}, ${field}). ${consequence[overSize]} The restriction ends below 95 %.`,
  }),
}

const beyond: Readonly<Record<OverSize, string>> = {
  Warn: 'Beyond it nothing is restricted.',
  ReadOnly: 'Beyond it sessions begin read-only.',
  Off: 'Beyond it the logins are turned off.',
}

const consequence: Readonly<Record<OverSize, string>> = {
  Warn: `Nothing is restricted. Make room (${room}), or raise the limit.`,
  ReadOnly: `Sessions begin read-only. Make room (${room}) in a session that begins with SET default_transaction_read_only = off, or raise the limit.`,
  Off: `The logins of the tenant are off. Raise the limit, or make room (${room}) as an administrator of the server.`,
}
