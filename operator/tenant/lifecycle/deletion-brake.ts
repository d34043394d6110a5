/**
 * The deletion brake: how many deletions of Tenants may begin within a window, for the installation and for the
 * customers of one MSP. Further deletions are held until an administrator releases them. Pure.
 */
import { durationText } from '../../api/duration.ts'
import { annotations } from '../../api/names.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { Verdict } from '../../api/verdict.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { keyOf } from '../../runtime/objects/object.ts'
import type { DeletionBrakeSettings } from '../model/settings.ts'
import type { AskedDeletion, BegunDeletion, Brake } from '../model/deletion-hold.ts'

type Hold = Extract<Brake, { kind: 'Hold' }>

/**
 * The limit that holds `own`, in words; undefined where none does. `others`: undecided deletions; they pass in the
 * order in which they were asked for, so it does not matter which worker comes first.
 */
export function limitOn(
  own: AskedDeletion,
  others: readonly AskedDeletion[],
  begun: readonly BegunDeletion[],
  settings: DeletionBrakeSettings,
  now: number,
): string | undefined {
  const reached = limitReached(own, begun, settings, now)
  if (reached !== undefined) return reached
  const passed = [...begun]
  for (const each of others.filter((other) => isBefore(other, own)).toSorted(inOrder)) {
    if (limitReached(each, passed, settings, now) === undefined) passed.push(begin(each, now))
  }
  return limitReached(own, passed, settings, now)
}

/** The deletion of a Tenant, the customer of `msp`. */
export function askedDeletion(tenant: Tenant, msp: Tenant | undefined): AskedDeletion {
  const { uid = '', deletionTimestamp = '' } = tenant.metadata
  return {
    uid,
    tenant: keyOf(tenant),
    deletedAt: deletionTimestamp,
    msp: msp && { uid: msp.metadata.uid ?? '', name: msp.metadata.name },
  }
}

export function begin({ uid, tenant, deletedAt, msp }: AskedDeletion, now: number): BegunDeletion {
  return { uid, tenant, deletedAt, begunAt: timestamp(now), msp: msp?.uid }
}

function limitReached(
  { deletedAt, msp }: AskedDeletion,
  begun: readonly BegunDeletion[],
  settings: DeletionBrakeSettings,
  now: number,
): string | undefined {
  const { installation, window } = settings
  const counted = begun.filter((each) => counts(each, deletedAt, window, now))
  const ofMsp = msp === undefined ? [] : counted.filter((each) => each.msp === msp.uid)
  const within = `within ${durationText(window)}`
  if (msp !== undefined && settings.msp > 0 && ofMsp.length >= settings.msp)
    return `${deletions(settings.msp)} of customers of the MSP ${msp.name} ${within}`
  return installation > 0 && counted.length >= installation ? `${deletions(installation)} ${within}` : undefined
}

function deletions(count: number): string {
  return count === 1 ? '1 deletion' : `${count} deletions`
}

/**
 * By two clocks, the API server's and the operator's: a jump of one alone lets nothing through early. A time in the
 * future, written before a clock was set back, is as far away as one in the past, and counts no longer than that.
 */
function counts({ deletedAt, begunAt }: BegunDeletion, asked: string, window: number, now: number): boolean {
  return isNear(Date.parse(deletedAt), Date.parse(asked), window) || isNear(Date.parse(begunAt), now, window)
}

function isNear(one: number, other: number, window: number): boolean {
  return Math.abs(one - other) < window
}

/** The uids of the deletions that no longer count for a deletion asked for at `deletedAt`. */
export function expiredFor(
  deletedAt: string,
  begun: readonly BegunDeletion[],
  window: number,
  now: number,
): readonly string[] {
  return begun.filter((each) => !counts(each, deletedAt, window, now)).map(({ uid }) => uid)
}

function isBefore(one: AskedDeletion, other: AskedDeletion): boolean {
  return one.uid !== other.uid && inOrder(one, other) < 0
}

function inOrder(one: AskedDeletion, other: AskedDeletion): number {
  const key = ({ deletedAt, tenant, uid }: AskedDeletion) => `${deletedAt} ${tenant} ${uid}`
  return key(one) < key(other) ? -1 : 1
}

/** Half a sentence for the dry run: a deletion now would be held. */
export function wouldHold({ metadata: { name } }: Tenant, { because, released }: Hold): string {
  const automatic = released === undefined ? '' : `, or wait until ${released.at}, when it would begin automatically`
  return `settings.deletionBrake allows ${because}, and Tenantry would hold a deletion beyond that limit; to have it removed, set the annotation ${annotations.releaseDeletion}: ${name}${automatic}`
}

/** The verdict on a held deletion; the same from pass to pass, whatever becomes of the settings. */
export function heldVerdict({ metadata: { name } }: Tenant, { because, released }: Hold): Verdict {
  const automatic = released === undefined ? '' : ` Otherwise it is deleted at ${released.at}.`
  return {
    reason: 'DeletionHeld',
    message: `Tenantry holds the deletion, and has touched nothing of the tenant: settings.deletionBrake allows ${because}, and this deletion exceeds that limit. To delete it, set the annotation ${annotations.releaseDeletion}: ${name}. To get it back, set ${annotations.undoDeletion}: ${name} and apply its manifest again.${automatic}`,
  }
}
