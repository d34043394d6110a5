/** What happens to one TenantAdmin of a random life. */
import type { Stored } from '../../harness/api.ts'
import { acceptInvite } from '../../harness/invitee.ts'
import type { Answer } from '../../harness/invitee.ts'
import { annotated, apiVersion, group, namespaceOf } from './places.ts'
import type { Outcome } from './acting.ts'
import type { Scene } from './scene.ts'
import type { Act } from './step.ts'

type PersonAct = Extract<Act, { readonly person: unknown }>

export async function actOnPerson(scene: Scene, act: PersonAct): Promise<Outcome | undefined> {
  const { api } = scene.world
  const path = pathOf(scene, act)
  switch (act.kind) {
    case 'declareAdmin':
      return declare(scene, act)
    case 'accept':
      return accept(scene, act)
    case 'resend':
      return void (await api.send('PATCH', path, {
        metadata: annotated('resend-requested-at', `${scene.memory.next()}`),
      }))
    case 'address':
      return void (await api.send('PATCH', path, { spec: { email: addressOf(scene, act, true) } }))
    case 'adminState':
      return void (await api.send('PATCH', path, { spec: { state: act.state } }))
    case 'deleteAdmin':
      return void (await api.send('DELETE', path))
  }
}

function pathOf(scene: Scene, { slot, person }: PersonAct): string {
  return `${group}/namespaces/${namespaceOf(scene, slot)}/tenantadmins/${slot}-${person}`
}

/** The same as of an earlier admin, so that what that one accepted can be taken over; or one that nobody had. */
function addressOf({ memory }: Scene, { slot, person }: PersonAct, newAddress: boolean): string {
  return `${person}${newAddress ? memory.next() : ''}@${slot}.example.com`
}

async function declare(scene: Scene, act: PersonAct & { readonly kind: 'declareAdmin' }): Promise<undefined> {
  const { slot, person } = act
  const email = addressOf(scene, act, act.newAddress)
  await scene.world.api.send('POST', `${group}/namespaces/${namespaceOf(scene, slot)}/tenantadmins`, {
    apiVersion,
    kind: 'TenantAdmin',
    metadata: { name: `${slot}-${person}` },
    spec: { tenantRef: { name: slot }, username: person, email, firstName: 'Ada' },
  })
}

/** By the latest mail to the address that the spec has now. An answer that is lost leaves open whether it counts. */
async function accept(scene: Scene, act: PersonAct): Promise<Outcome> {
  const { world, memory } = scene
  const look = () => world.api.get(pathOf(scene, act))
  const before = await look()
  const mail = (await world.mail.all()).findLast(
    ({ to, messageId }) => to.includes(emailOf(before)) && !isWarning(messageId),
  )
  if (mail === undefined) return 'nothing to do'
  const answer: Answer | 'lost' = await acceptInvite(mail.links[0] ?? '').catch(() => 'lost' as const)
  if (answer === 'dead' || answer === 'refused') return answer
  const tenants = [tenantOf(before), tenantOf(await look())]
  const known = tenants[0] === tenants[1] ? tenants[0] : undefined
  memory.accepted.set(mail.messageId, { tenant: known, certain: answer === 'accepted' })
  return answer
}

function isWarning(messageId: string): boolean {
  return messageId.startsWith('<expiry.')
}

function emailOf(admin: Stored | undefined): string {
  const email = admin?.spec?.['email']
  return typeof email === 'string' ? email : 'nobody'
}

export function tenantOf(admin: Stored | undefined): string | undefined {
  const tenant = (admin?.status?.['tenant'] ?? {}) as { readonly uid?: string } // of our own schema
  return tenant.uid
}
