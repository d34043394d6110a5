/** Who gets in where, tried: into databases with what the Secrets hold and held, and at the apiserver as each person. */
import type { Stored } from '../../harness/api.ts'
import { credentialsOf, loginsOn } from '../../harness/facts.ts'
import type { Credentials } from '../../harness/invariants.ts'
import { inviteOf } from '../life.ts'
import { tenantOf } from './persons.ts'
import type { Scene } from './scene.ts'
import { isMade, living, parentOf, titleOf, wantedPhase } from './view.ts'
import type { View } from './view.ts'

/** The credentials of tenants that are there, and whether they may be used now. */
export function keysOf(
  view: View,
): readonly { readonly tenant: Stored; readonly key: Credentials; readonly on: boolean }[] {
  const all = credentialsOf(view.facts)
  return living(view)
    .filter(isMade)
    .flatMap((tenant) => {
      const key = all.find(({ tenant: namespace }) => namespace === tenant.status?.['namespace'])
      return key === undefined ? [] : [{ tenant, key, on: wantedPhase(tenant, view) === 'Active' }]
    })
}

/** I2, for this moment: keys of today open their own database where the tenant is on, keys of before open nothing. */
export async function lockedDoors({ world, memory }: Scene, view: View): Promise<readonly string[]> {
  const open = loginsOn(world.postgres)
  const found: string[] = []
  const today = new Set(credentialsOf(view.facts).map(titleOfKey))
  for (const { tenant, key, on } of keysOf(view)) {
    if ((await open(key.database, key.username, key.password)) !== on)
      found.push(
        `The Secret of ${titleOf(tenant)} ${on ? 'does not open its database' : 'opens a database that is off'}.`,
      )
  }
  for (const [id, key] of memory.credentials) {
    if (today.has(id) || isKept(key, view)) continue
    if (await open(key.database, key.username, key.password))
      found.push(`A former password of ${key.tenant} opens ${key.database} still.`)
  }
  return found
}

/** What was kept is nobody's to look after: a Secret that is deleted there leaves the password as it is. */
function isKept({ username }: Credentials, { facts }: View): boolean {
  const { comment } = facts.roles.find(({ name }) => name === username) ?? {}
  const gone = facts.kept?.filter((uid) => !facts.tenants.some(({ metadata }) => metadata.uid === uid)) ?? []
  return gone.some((uid) => comment?.includes(uid) ?? false)
}

/** I2 in full: every key at every door. */
export async function crossings({ world }: Scene, view: View): Promise<readonly string[]> {
  const open = loginsOn(world.postgres)
  const keys = keysOf(view)
  const doors = [...new Set([...view.facts.databases.map(({ name }) => name), 'postgres', 'template1'])]
  const found: string[] = []
  for (const { key, on } of keys) {
    for (const door of doors) {
      const expected = on && door === key.database
      if ((await open(door, key.username, key.password)) !== expected)
        found.push(`The Secret of ${key.tenant} ${expected ? 'does not open' : 'opens'} ${door}.`)
    }
    if (await open(key.database, key.username, `${key.password}x`)) found.push(`Any password opens ${key.database}.`)
  }
  return found
}

/** Called when all is well: from now on these are known, and have to be dead once they are of yesterday. */
export function rememberKeys({ memory }: Scene, view: View): void {
  const today = credentialsOf(view.facts)
  for (const key of today) memory.credentials.set(titleOfKey(key), key)
  const most = 24
  const old = [...memory.credentials.keys()].filter((id) => !today.some((key) => titleOfKey(key) === id))
  for (const id of old.slice(0, Math.max(0, old.length - most))) memory.credentials.delete(id)
}

function titleOfKey({ database, username, password }: Credentials): string {
  return `${database} ${username} ${password}`
}

/** Whoever accepted, and runs the tenant or the MSP above, may work in its namespace while it is on; nobody else may. */
export async function access({ world, memory }: Scene, view: View): Promise<readonly string[]> {
  const found: string[] = []
  for (const tenant of living(view).filter(isMade)) {
    const parent = parentOf(tenant, view)
    const on = wantedPhase(tenant, view) === 'Active'
    const those = view.facts.admins.filter((admin) => {
      const of = tenantOf(admin)
      return of === tenant.metadata.uid || (parent !== undefined && of === parent.metadata.uid)
    })
    const entitled = new Set(those.filter(isInForce).map(userOf))
    for (const user of memory.users) {
      const may = await mayDeploy(world.api, user, String(tenant.status?.['namespace']))
      const should = on && entitled.has(user)
      if (may !== should) found.push(`${user} ${may ? 'may' : 'may not'} work in ${titleOf(tenant)}.`)
    }
  }
  return found
}

function isInForce(admin: Stored): boolean {
  return inviteOf(admin)['status'] === 'Accepted' && admin.spec?.['state'] === 'Active'
}

function userOf(admin: Stored): string | undefined {
  const address = inviteOf(admin)['address']
  return typeof address === 'string' ? address.toLowerCase() : undefined
}

async function mayDeploy(api: Scene['world']['api'], user: string, namespace: string): Promise<boolean> {
  const review = await api.send<{ readonly status: { readonly allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, resourceAttributes: { namespace, verb: 'create', group: 'apps', resource: 'deployments' } },
    },
  )
  return review.status.allowed
}
