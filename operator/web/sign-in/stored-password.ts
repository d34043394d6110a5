/** A TenantAdmin's password as it is kept: in the acceptance, and once it was changed in a Secret of its own. Pure. */
import { annotations, labels, managedBy, passwordName, passwordSecretType } from '../../api/names.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import { acceptanceView, passwordHashOf } from '../../domain/acceptance.ts'
import type { Secret } from '../../kube/resources.ts'
import { keyOf } from '../../runtime/objects/object.ts'

export interface StoredPassword {
  /** PHC string. */
  readonly hash: string
  /** The password is known to others, and must be changed at the next sign-in. */
  readonly mustChange: boolean
}

/** The newer of both; `isGiven`: spec.passwordSecretRef names the first password, which others know. */
export function storedPassword(
  adminUid: string,
  changed: Secret | undefined,
  acceptance: Secret | undefined,
  isGiven: boolean,
): StoredPassword | undefined {
  const [own, first] = [changedPassword(adminUid, changed), acceptedPassword(adminUid, acceptance)]
  if (own === undefined) return first && { hash: first.hash, mustChange: isGiven }
  if (first === undefined || own.at >= first.at) return { hash: own.hash, mustChange: own.mustChange }
  return { hash: first.hash, mustChange: isGiven }
}

interface Dated {
  readonly hash: string
  readonly at: number
}

function acceptedPassword(adminUid: string, secret: Secret | undefined): Dated | undefined {
  const view = secret && acceptanceView(secret)
  const hash = secret && passwordHashOf(secret)
  return view?.adminUid !== adminUid || hash === undefined ? undefined : { hash, at: Date.parse(view.acceptedAt) }
}

function changedPassword(adminUid: string, secret: Secret | undefined): (Dated & StoredPassword) | undefined {
  if (secret?.type !== passwordSecretType || secret.metadata.labels?.[labels.adminUid] !== adminUid) return undefined
  const [hash, changedAt] = [entryOf(secret, 'hash'), entryOf(secret, 'changedAt')]
  const at = Date.parse(changedAt ?? '')
  if (hash === undefined || Number.isNaN(at)) return undefined
  return { hash, at, mustChange: entryOf(secret, 'mustChange') === 'true' }
}

/** `before`: the Secret to replace. */
export function passwordSecret(
  admin: TenantAdmin,
  password: StoredPassword & { readonly changedAt: string },
  before: Secret | undefined,
  { webNamespace, installation }: { readonly webNamespace: string; readonly installation: string },
): Secret {
  const { hash, changedAt, mustChange } = password
  const adminUid = admin.metadata.uid ?? ''
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: passwordSecretType,
    metadata: {
      ...before?.metadata,
      name: passwordName(adminUid),
      namespace: webNamespace,
      labels: {
        [labels.managedBy]: managedBy,
        [labels.installation]: installation,
        [labels.component]: 'password',
        [labels.adminUid]: adminUid,
      },
      annotations: { [annotations.admin]: keyOf(admin) },
    },
    data: entriesOf({ hash, changedAt, mustChange: String(mustChange) }),
  }
}

export function entryOf({ data }: Secret, name: string): string | undefined {
  const value = data?.[name]
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
}

export function entriesOf(plain: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const entries = Object.entries(plain).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Buffer.from(value).toString('base64')] as const],
  )
  return Object.fromEntries(entries)
}
