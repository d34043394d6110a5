/** Checks a password against those of the candidates, with as much work for an account that does not exist. */
import { acceptanceName, passwordName, rootSecretName } from '../../api/names.ts'
import type { Kube } from '../../kube/port.ts'
import { secrets } from '../../kube/resources.ts'
import type { Secret } from '../../kube/resources.ts'
import { verifyPassword } from '../../tenantadmin/invite/password.ts'
import { acceptablePassword } from '../../tenantadmin/invite/password-rule.ts'
import type { Membership } from '../identity/memberships.ts'
import type { Candidates } from './candidates.ts'
import type { HashSlots } from './hash-slots.ts'
import { rootPasswordOf } from './root-secret.ts'
import { storedPassword } from './stored-password.ts'
import type { StoredPassword } from './stored-password.ts'

export interface Verified {
  /** The root admin's Secret, where the password was the root admin's. */
  readonly root: Secret | undefined
  /** Those whose password it was. */
  readonly memberships: readonly Membership[]
  /** Whether one of these passwords must be changed. */
  readonly mustChange: boolean
}

interface Ports {
  readonly kube: Pick<Kube, 'get'>
  readonly hashing: HashSlots
}

/** Of no password: 16 and 32 zero bytes, at the cost of all others. */
const decoyHash = `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** @throws HashingBusy */
export async function verifyCandidates(
  { root, memberships }: Candidates,
  password: string,
  webNamespace: string,
  ports: Ports,
): Promise<Verified> {
  const usable = acceptablePassword(password)
  const rootNow = () => ports.kube.get(secrets, { namespace: webNamespace, name: rootSecretName })
  const storedNow = (membership: Membership) => readPassword(membership, webNamespace, ports)
  const [rootRecord, records] = await Promise.all([
    root ? rootNow() : undefined,
    Promise.all(memberships.map(async (membership) => ({ membership, stored: await storedNow(membership) }))),
  ])
  const isRight = (stored: StoredPassword | undefined) =>
    ports.hashing.run(() => verifyPassword(usable ? password : '', stored?.hash ?? decoyHash))
  if (!root && memberships.length === 0) await isRight(undefined)
  const rootPassword = rootPasswordOf(rootRecord)
  const hasRoot = root && (await isRight(rootPassword)) && usable && rootPassword !== undefined
  const right: typeof records = []
  for (const record of records)
    if ((await isRight(record.stored)) && usable && record.stored !== undefined) right.push(record)
  // A password that was changed while it was checked opens nothing: the change has ended the sessions that there were.
  const isRoot = hasRoot && rootPasswordOf(await rootNow())?.hash === rootPassword?.hash
  const still = await Promise.all(
    right.map(async ({ membership, stored }) => (await storedNow(membership))?.hash === stored?.hash),
  )
  const valid = right.filter((_, index) => still[index])
  return {
    root: isRoot ? rootRecord : undefined,
    memberships: valid.map(({ membership }) => membership),
    mustChange: isRoot ? (rootPassword?.mustChange ?? true) : valid.some(({ stored }) => stored?.mustChange),
  }
}

/** Both Secrets live, as a password that was changed a moment ago counts. */
async function readPassword(
  { admin }: Membership,
  namespace: string,
  { kube }: Ports,
): Promise<StoredPassword | undefined> {
  const { uid = '' } = admin.metadata
  const [changed, acceptance] = await Promise.all([
    kube.get(secrets, { namespace, name: passwordName(uid) }),
    kube.get(secrets, { namespace, name: acceptanceName(uid, admin.status?.invite?.sequence ?? 0) }),
  ])
  return storedPassword(uid, changed, acceptance, admin.spec.passwordSecretRef !== undefined)
}
