/** What lies in git of the tenants that outlive a cluster: an MSP, its customer, one that shares a database, and their people. */
export const group = '/apis/tenantry.dev/v1alpha1'
export const home = 'customers'

export interface Declared {
  readonly kind: 'Tenant' | 'TenantAdmin' | 'AccessGrant'
  readonly namespace: string
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
}

export const tenant = (namespace: string, name: string, spec: object = {}): Declared => ({
  kind: 'Tenant',
  namespace,
  name,
  spec: { displayName: name, ...spec },
})
const admin = (namespace: string, name: string, spec: object = {}): Declared => ({
  kind: 'TenantAdmin',
  namespace,
  name,
  spec: { username: name, email: `${name}@example.com`, ...spec },
})

export const tenants = [
  tenant(home, 'msp', { type: 'MSP' }),
  tenant('tenant-msp', 'bakery', { userConsent: { enabled: true, text: 'You agree.' } }),
  tenant(home, 'small', { provisioning: 'Immediate', database: { isolation: 'Schema' } }),
]
export const accepting = [
  admin(home, 'boss', { tenantRef: { name: 'msp' } }),
  admin('tenant-msp', 'baker', { tenantRef: { name: 'bakery' } }),
  admin('tenant-bakery', 'helper'),
  admin(home, 'sam', { tenantRef: { name: 'small' } }),
]
export const silent = admin(home, 'late', { tenantRef: { name: 'small' } })
/** In no directory, and at the bakery by what is delegated. */
export const technician = admin(home, 'tom', { tenantRef: { name: 'msp' }, role: 'Technician' })
export const delegation: Declared = {
  kind: 'AccessGrant',
  namespace: 'tenant-msp',
  name: 'tom-at-the-bakery',
  spec: { type: 'Delegation', tenantRef: { name: 'bakery' }, username: 'tom', reason: 'Ticket "4711"' },
}
export const masquerade: Declared = {
  kind: 'AccessGrant',
  namespace: home,
  name: 'root-at-small',
  spec: { type: 'Masquerade', tenantRef: { name: 'small' }, username: 'root', reason: 'Ticket 4712' },
}

const plural = { Tenant: 'tenants', TenantAdmin: 'tenantadmins', AccessGrant: 'accessgrants' } as const
export const collectionOf = ({ kind, namespace }: Declared) => `${group}/namespaces/${namespace}/${plural[kind]}`
export const pathOf = (object: Declared) => `${collectionOf(object)}/${object.name}`

export const manifestOf = ({ kind, namespace, name, spec }: Declared, annotations: object = {}) => ({
  apiVersion: 'tenantry.dev/v1alpha1',
  kind,
  metadata: { name, namespace, annotations },
  spec,
})
