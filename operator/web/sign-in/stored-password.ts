/** A TenantAdmin's password as it is kept: in the acceptance, and once it was changed in a Secret of its own. Pure. */
import { annotations, labels, managedBy, passwordName, passwordSecretType } from '../../api/names.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import { acceptanceView, passwordHashOf } from '../../domain/acceptance.ts'
import { changedPasswordHashOf, changedPasswordView } from '../../domain/changed-password.ts'
import type { Secret } from '../../kube/resources.ts'
import { entriesOf, entryOf } from '../../kube/secret-entries.ts'
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
  const view = secret && changedPasswordView(secret)
  const hash = secret && changedPasswordHashOf(secret)
  if (secret === undefined || view?.adminUid !== adminUid || hash === undefined) return undefined
  return { hash, at: Date.parse(view.changedAt), mustChange: entryOf(secret, 'mustChange') === 'true' }
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
