/** The Secret with the root admin's password. Pure. */
import { labels, managedBy, rootSecretName, rootSecretType } from '../../api/names.ts'
import type { Secret } from '../../kube/resources.ts'
import { entriesOf, entryOf } from '../../kube/secret-entries.ts'
import { credentialIn } from '../../runtime/base/credential.ts'
import type { StoredPassword } from './stored-password.ts'

export interface RootPassword extends StoredPassword {
  /** The initial password in plain text, until it is changed. */
  readonly initial: string | undefined
}

/** Undefined for a Secret without a hash, or of another type. */
export function rootPasswordOf(secret: Secret | undefined): RootPassword | undefined {
  if (secret?.type !== rootSecretType) return undefined
  const hash = entryOf(secret, 'hash')
  const initial = entryOf(secret, 'password')
  // Whoever reads the Secret knows a password that is still in it.
  if (hash === undefined) return undefined
  return { hash, initial, mustChange: initial !== undefined || entryOf(secret, 'mustChange') === 'true' }
}

/** The password in a Secret that was made by hand and has no hash yet. */
export function unhashedRootPassword(secret: Secret): string | undefined {
  if (secret.type !== rootSecretType || entryOf(secret, 'hash') !== undefined) return undefined
  const text = credentialIn(entryOf(secret, 'password') ?? '')
  return text === '' ? undefined : text
}

/** `before`: the Secret to replace. */
export function rootSecret(
  { hash, initial, mustChange }: RootPassword,
  changedAt: string,
  before: Secret | undefined,
  { webNamespace, installation }: { readonly webNamespace: string; readonly installation: string },
): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: rootSecretType,
    metadata: {
      ...before?.metadata,
      name: rootSecretName,
      namespace: webNamespace,
      labels: {
        ...before?.metadata.labels,
        [labels.managedBy]: managedBy,
        [labels.installation]: installation,
        [labels.component]: 'root',
      },
    },
    data: entriesOf({ hash, password: initial, changedAt, mustChange: String(mustChange) }),
  }
}

/** 100 random bits in five groups, without the letters and digits that look alike. */
export function initialPassword(bytes: Buffer): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const letters = Array.from(bytes.subarray(0, 20), (byte) => alphabet.charAt(byte & 31)).join('')
  return letters.match(/.{4}/g)?.join('-') ?? ''
}
