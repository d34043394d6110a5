/** Each row of docs/reference/status.md about TenantAdmins is made to happen. */
import { tenantAdmins } from '../../../operator/api/tenantadmin.ts'
import { MailError } from '../../../operator/mail/port.ts'
import { tenantPlan } from '../../gen.ts'
import { eachRowHappens, failedPasses, told } from '../api/situations-lived.ts'
import type { Way } from '../api/situations-lived.ts'
import { tenant, tenantAdmin } from './gen.ts'
import { World } from './world.ts'

const day = 86_400_000

type Turn = (world: World) => void | Promise<void>

/** What is said on the way, where each turn is settled. */
function lived(...turns: readonly Turn[]): Way {
  return async () => {
    const world = new World()
    world.put(tenant())
    world.put(tenantAdmin())
    const seen: string[] = []
    world.heard = (kind) => {
      if (kind === 'TenantAdmin' && world.has('home/jane')) seen.push(told(world.admin()))
    }
    for (const turn of turns) {
      await turn(world)
      await world.settle()
    }
    return seen
  }
}

const edit =
  (...change: Parameters<World['edit']>): Turn =>
  (world) =>
    world.edit(...change)

const relay =
  (...error: ConstructorParameters<typeof MailError>): Turn =>
  (world) => {
    world.relay = new MailError(...error)
  }

const invited: Turn = () => {}
const accepted: Turn = (world) => world.accept()
const resend = edit({ metadata: { annotations: { 'tenantry.dev/resend-requested-at': '2030-01-01T00:00:01Z' } } })

/** Another admin is there and invited already, and the plan allows this. */
const second =
  (admins: object): Turn =>
  async (world) => {
    world.remove('TenantAdmin', 'home/jane')
    world.put(tenantPlan({ spec: { admins } }))
    world.put(tenant({ status: { plan: 'standard' } }))
    world.put(tenantAdmin({ name: 'first', spec: { username: 'first' } }))
    await world.settle('home/first')
    world.put(tenantAdmin({ created: '2030-01-01T00:00:01Z' }))
  }

/** Five others of the same address are invited already. */
const sixth: Turn = async (world) => {
  world.remove('TenantAdmin', 'home/jane')
  for (const name of ['ann', 'ben', 'cid', 'dan', 'eve']) {
    world.put(tenantAdmin({ name, spec: { username: name } }))
    await world.settle(`home/${name}`)
  }
  world.put(tenantAdmin())
}

eachRowHappens('TenantAdmin', {
  'NotYetActive InvitePostponed': lived(sixth),
  'NotYetActive AdminLimitReached': lived(second({ max: 1 })),
  'NotYetActive InviteLimitReached': lived(second({ invitesPerDay: 1 })),
  'NotYetActive TenantNotFound': lived((world) => world.remove('Tenant', 'home/acme')),
  'NotYetActive NotYetActive': lived(edit({ spec: { notBefore: '2030-02-01T00:00:00Z' } })),
  'Pending Sending': lived(invited),
  'Pending AwaitingAnswer': lived(invited),
  'Pending TenantReplaced': lived(invited, accepted, async (world) => {
    await world.pass(day)
    const another = tenant()
    world.put({ ...another, metadata: { ...another.metadata, uid: '11111111-2222-3333-4444-555555555555' } })
  }),
  'Pending ResendPostponed': lived(invited, resend),
  'EmailSendingFailed MailTransientError': lived(relay('transient', 'The mail relay put the mail off.', 450)),
  'EmailSendingFailed MailPermanentError': lived(relay('permanent', 'The mail relay refused the address.', 550)),
  'EmailSendingFailed MailConfigurationError': lived(
    relay('configuration', 'The mail relay refused us.', 535, 'relay'),
  ),
  'Expired InviteExpired': lived(invited, (world) => world.pass(8 * day)),
  'Accepted Accepted': lived(invited, accepted),
  'Accepted RoleNotOffered': lived(
    invited,
    accepted,
    (world) => {
      world.put(tenantPlan())
      world.put(tenant({ status: { plan: 'standard' } }))
    },
    edit({ spec: { role: 'SubAdmin', permissions: ['nothing'] } }),
  ),
  'Deactivated Deactivated': lived(invited, accepted, edit({ spec: { state: 'Deactivated' } })),
  'Archived Archived': lived(invited, accepted, edit({ spec: { state: 'Archived' } })),
  'Deactivated StateNotAllowed': lived(invited, edit({ spec: { state: 'Deactivated' } })),
  ...failedPasses(tenantAdmins, tenantAdmin()),
})
