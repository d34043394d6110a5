/** Each row of docs/reference/status.md about AccessGrants is made to happen. */
import { accessGrants } from '../../../operator/api/accessgrant.ts'
import { accessGrant, tenant } from '../../gen.ts'
import { eachRowHappens, failedPasses, told } from '../api/situations-lived.ts'
import type { Way } from '../api/situations-lived.ts'
import { at, customer, hour, scene } from './scene.ts'
import type { Scene } from './scene.ts'

/** What is said of a grant that is made after something happened. */
function after(happen: (made: Scene) => void | Promise<void>, spec: Readonly<Record<string, unknown>> = {}): Way {
  return async () => {
    const made = await scene()
    await happen(made)
    made.put(accessGrant({ spec }))
    await made.settle()
    const grant = made.grant()
    return grant === undefined ? [] : [told(grant)]
  }
}

/** What is said of it before the tenant's own pass has bound anybody. */
const atOnce: Way = async () => {
  const made = await scene()
  made.put(accessGrant())
  await made.look()
  const grant = made.grant()
  return grant === undefined ? [] : [told(grant)]
}

const notAccepted = tenant({
  name: 'initech',
  uid: 'uid-initech',
  namespace: 'tenant-acme',
  spec: { provisioning: 'OnAccept', cloudId: 'initech' },
})

eachRowHappens('AccessGrant', {
  '- TenantNotFound': after(() => {}, { tenantRef: { name: 'nobody' } }),
  '- Adopting': async () => {
    const made = await scene()
    made.put(accessGrant())
    await made.settle()
    made.world.cluster.remove('Tenant', customer)
    await made.settle()
    const annotations = { 'tenantry.dev/adopt': 'uid-globex' }
    made.world.cluster.put(tenant({ name: 'globex', uid: 'uid-another', namespace: 'tenant-acme', annotations }))
    await made.look()
    const grant = made.grant()
    return grant === undefined ? [] : [told(grant)]
  },
  '- GranteeNotFound': after(() => {}, { username: 'nobody' }),
  '- AwaitingAnswer': after((made) => made.technician({}, { invite: 'Pending' })),
  '- AwaitingAcceptance': after((made) => void made.world.cluster.put(notAccepted), { tenantRef: { name: 'initech' } }),
  '- Provisioning': atOnce,
  '- Deactivated': after((made) => made.world.edit({ state: 'Deactivated' }, customer)),
  '- Archived': after((made) => made.world.edit({ state: 'Archived' }, customer)),
  '- ParentSuspended': after((made) => made.world.edit({ state: 'Deactivated' })),
  '- Expired': after((made) => made.world.edit({ expiresAt: at(-hour) }, customer)),
  '- Purged': after(async (made) => {
    const { metadata, ...declared } = made.world.tenant(customer)
    const annotations = { ...metadata.annotations, 'tenantry.dev/skip-final-dump': metadata.name }
    made.world.cluster.put({ ...declared, metadata: { ...metadata, annotations } })
    made.world.edit({ state: 'Archived', archive: { retention: '1m' } }, customer)
    await made.settle()
    await made.after(hour)
  }),
  '- TenantDeleting': async () => {
    const made = await scene()
    made.put(accessGrant())
    await made.settle()
    made.world.cluster.remove('Tenant', customer)
    await made.look()
    const grant = made.grant()
    return grant === undefined ? [] : [told(grant)]
  },
  'Active Granted': after(() => {}),
  'Ended Ended': after(() => {}, { until: at(-hour) }),
  'Refused TenantReplaced': async () => {
    const made = await scene()
    made.put(accessGrant())
    await made.settle()
    made.world.cluster.remove('Tenant', customer)
    await made.settle()
    made.world.cluster.put(tenant({ name: 'globex', uid: 'uid-another', namespace: 'tenant-acme' }))
    await made.settle()
    const grant = made.grant()
    return grant === undefined ? [] : [told(grant)]
  },
  'Refused GrantNotAllowed': after((made) => made.technician({ role: 'Admin' })),
  ...failedPasses(accessGrants, accessGrant()),
})
