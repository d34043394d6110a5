/**
 * The keys that sign invites, all in one Secret: an entry for each key (32 bytes under its id), `current` (the id that
 * signs now) and, for each older one, `<id>.retired` (when it stopped signing). An annotation asks for a rotation;
 * removing an entry drops a compromised key. Pure.
 */
import { annotations, labels, managedBy, signingKeysName, signingKeysSecretType } from '../../api/names.ts'
import type { Secret } from '../../kube/resources.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { credentialOf } from '../../runtime/base/credential.ts'
import type { SigningKey } from './token.ts'

export interface KeyRing {
  /** Undefined: nothing can be signed until the leader has made a key. */
  readonly current: SigningKey | undefined
  readonly find: (id: string) => SigningKey | undefined
}

export const emptyKeyRing: KeyRing = { current: undefined, find: () => undefined }

/** On the Secret: the last value of the rotation annotation that was carried out. */
export const lastHandledRotation = `${annotations.rotateRequestedAt.split('/')[0] ?? ''}/last-handled-rotation`

const keyId = /^[a-z2-7]{8}$/
const keyLength = 32
const currentField = 'current'
const retiredField = (id: string) => `${id}.retired`

export function readKeyRing(secret: Secret | undefined): KeyRing {
  if (secret === undefined || secret.type !== signingKeysSecretType) return emptyKeyRing
  const keys = new Map<string, SigningKey>()
  for (const [id, value] of Object.entries(secret.data ?? {})) {
    const bytes = Buffer.from(value, 'base64')
    if (keyId.test(id) && bytes.length === keyLength) keys.set(id, { id, secret: bytes })
  }
  const current = text(secret, currentField)
  return { current: current === undefined ? undefined : keys.get(current), find: (id) => keys.get(id) }
}

/** The material of a new key; made outside, as it is random. */
export interface FreshKey {
  readonly id: string
  readonly secret: Buffer
}

export function newKeysSecret(newKey: FreshKey, namespace: string, installation: string): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: signingKeysSecretType,
    metadata: {
      name: signingKeysName,
      namespace,
      labels: {
        [labels.managedBy]: managedBy,
        [labels.installation]: installation,
        [labels.component]: 'signing-keys',
      },
    },
    data: {
      [newKey.id]: newKey.secret.toString('base64'),
      [currentField]: base64(newKey.id),
    },
  }
}

/**
 * The Secret as it should be, or undefined when it is already: a current key, a requested rotation carried out, no key
 * whose last link has expired. `inviteLifetime` in milliseconds.
 */
export function maintainKeys(
  secret: Secret,
  now: number,
  inviteLifetime: number,
  newKey: () => FreshKey,
): Secret | undefined {
  const keyRing = readKeyRing(secret)
  const asked = secret.metadata.annotations?.[annotations.rotateRequestedAt]
  const rotate = asked !== undefined && asked !== secret.metadata.annotations?.[lastHandledRotation]
  const data: Record<string, string> = { ...secret.data }
  if (keyRing.current === undefined || rotate) {
    const key = newKey()
    if (keyRing.current !== undefined) data[retiredField(keyRing.current.id)] = base64(timestamp(now))
    data[key.id] = key.secret.toString('base64')
    data[currentField] = base64(key.id)
  }
  for (const id of Object.keys(data).filter((field) => keyId.test(field))) {
    const retired = Date.parse(text({ ...secret, data }, retiredField(id)) ?? '')
    if (retired + inviteLifetime < now) delete data[id]
  }
  for (const field of Object.keys(data)) {
    const id = /^(.+)\.retired$/.exec(field)?.[1]
    if (id !== undefined && data[id] === undefined) delete data[field]
  }
  if (!rotate && sameEntries(data, secret.data ?? {})) return undefined
  const handled = rotate ? { [lastHandledRotation]: asked } : {}
  return {
    ...secret,
    data,
    metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, ...handled } },
  }
}

/**
 * `secret` with the keys of an earlier one added as retired at `now`, so that the links that they have signed stay valid;
 * undefined when it has all of them already.
 */
export function withFormerKeys(secret: Secret, former: Secret, now: number): Secret | undefined {
  const data: Record<string, string> = { ...secret.data }
  for (const [id, value] of Object.entries(former.data ?? {})) {
    if (!keyId.test(id) || data[id] !== undefined) continue
    data[id] = value
    data[retiredField(id)] = former.data?.[retiredField(id)] ?? base64(timestamp(now))
  }
  return sameEntries(data, secret.data ?? {}) ? undefined : { ...secret, data }
}

/** When {@link maintainKeys} has something to do again without any event; undefined when never. */
export function nextKeyMaintenance(secret: Secret, inviteLifetime: number): number | undefined {
  const times = Object.keys(secret.data ?? {})
    .filter((field) => field.endsWith('.retired'))
    .map((field) => Date.parse(text(secret, field) ?? '') + inviteLifetime)
    .filter((time) => !Number.isNaN(time))
  return times.length === 0 ? undefined : Math.min(...times) + 1000
}

const base64 = (plain: string) => Buffer.from(plain).toString('base64')

function text(secret: Secret, field: string): string | undefined {
  const value = secret.data?.[field]
  return value === undefined ? undefined : credentialOf(value)
}

function sameEntries(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const fields = Object.keys(one)
  return fields.length === Object.keys(other).length && fields.every((field) => one[field] === other[field])
}
