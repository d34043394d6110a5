/**
 * Maintains the Secret with the signing keys: the leader makes it when it is missing and rotates it on request; every
 * replica reads it.
 */
import { writeLine } from '../../api/log-lines.ts'
import type { LineWriter } from '../../api/log-lines.ts'
import { signingKeysName } from '../../api/names.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import { unacceptedTerm } from '../../domain/caches.ts'
import { createUnlessThere } from '../../kube/create-unless-there.ts'
import type { Kube, KubeReader } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import type { Secret } from '../../kube/resources.ts'
import type { Cache } from '../../runtime/cache/cache.ts'
import type { Clock, Random } from '../../runtime/base/clock.ts'
import { done } from '../../runtime/queue/reconcile.ts'
import type { Key, Reconcile } from '../../runtime/queue/reconcile.ts'
import { emptyKeyRing, newKeysSecret, nextKeyMaintenance, readKeyRing, maintainKeys } from './keyring.ts'
import type { FreshKey, KeyRing } from './keyring.ts'

/** Returns the keyring from a cache that is seconds old at most. */
export type ReadKeys = () => Promise<KeyRing>

export interface SigningKeysPorts {
  readonly caches: { readonly admins: Pick<Cache<TenantAdmin, 'unaccepted'>, 'by'> }
  readonly kube: Pick<Kube, 'get' | 'create' | 'replace'>
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly log: LineWriter
  readonly random: Pick<Random, 'bytes'>
}

export interface SigningKeysSettings {
  readonly webNamespace: string
  readonly installation: string
  /** Milliseconds. */
  readonly inviteLifetime: number
}

/** Milliseconds after which the Secret is read again although no event came. */
const lookAgain = 60_000

/** The only key that the reconciler has; the leader adds it at its start. */
export function signingKeysKey(webNamespace: string): Key {
  return `${webNamespace}/${signingKeysName}`
}

export function createSigningKeysReconciler(ports: SigningKeysPorts, settings: SigningKeysSettings): Reconcile {
  const where = { namespace: settings.webNamespace, name: signingKeysName }
  return async (key) => {
    if (key !== signingKeysKey(settings.webNamespace)) return done
    const begun = ports.clock.monotonic()
    const live = await ports.kube.get(secrets, where)
    const newKey = () => freshKey(ports.random)
    const now = ports.clock.now()
    if (live === undefined) {
      const wanted = newKeysSecret(newKey(), where.namespace, settings.installation)
      const made = await createUnlessThere(ports.kube, secrets, wanted)
      if (made !== undefined) logKey(undefined, wanted, begun, ports)
      return done
    }
    const tended = maintainKeys(live, now, settings.inviteLifetime, newKey)
    if (tended !== undefined) {
      await ports.kube.replace(secrets, tended)
      logKey(live, tended, begun, ports)
    }
    const due = nextKeyMaintenance(tended ?? live, settings.inviteLifetime) ?? Infinity
    return { requeueAfter: Math.min(lookAgain, Math.max(1000, due - now)) }
  }
}

/** A new key; with signed invites still out, the earlier key was lost. */
function logKey(
  before: Secret | undefined,
  after: Secret,
  begun: number,
  { caches, clock, log }: SigningKeysPorts,
): void {
  const [old, next] = [readKeyRing(before).current?.id, readKeyRing(after).current?.id]
  if (old === next) return
  const fields = { keyId: next, durationMs: Math.round(clock.monotonic() - begun) }
  if (old !== undefined) return writeLine(log, 'Installation', 'SigningKeyMade', { ...fields, why: 'rotate' })
  const invites = caches.admins.by('unaccepted', unacceptedTerm).filter(isInvited).length
  if (invites > 0) writeLine(log, 'Installation', 'SigningKeysLost', { ...fields, why: 'repair', invites })
  else writeLine(log, 'Installation', 'SigningKeyMade', { ...fields, why: 'provision' })
}

function isInvited({ status }: TenantAdmin): boolean {
  return status?.invite?.keyId !== undefined
}

function freshKey(random: Pick<Random, 'bytes'>): FreshKey {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  const id = Array.from(random.bytes(8), (byte) => alphabet.charAt(byte & 31)).join('')
  return { id, secret: random.bytes(32) }
}

/**
 * Reads the keyring, and drops its cache on request: a pass that a change has woken must not use the keys from before.
 */
export type KeyReader = ReadKeys & { readonly forget: () => void }

/**
 * Reads the Secret live, at most once in `maxAge` milliseconds; in that time a link cannot be forged, only outlive its
 * key.
 */
export function createKeyReader(
  kube: Pick<KubeReader, 'get'>,
  clock: Pick<Clock, 'monotonic'>,
  webNamespace: string,
  maxAge = 2000,
): KeyReader {
  let keyRing = emptyKeyRing
  let readAt = -Infinity
  let changes = 0
  const read = async () => {
    if (keyRing.current !== undefined && clock.monotonic() - readAt < maxAge) return keyRing
    const before = changes
    const secret = await kube.get(secrets, { namespace: webNamespace, name: signingKeysName })
    keyRing = readKeyRing(secret)
    // A read that was under way when the change came may have returned the state before it.
    readAt = before === changes ? clock.monotonic() : -Infinity
    return keyRing
  }
  const forget = () => {
    changes += 1
    readAt = -Infinity
  }
  return Object.assign(read, { forget })
}
