/** The token of the account of the pages in the wrong hands: what docs/reference/web-rights.md says, and no more. */
import test from 'ava'
import { acceptanceSecret } from '../../operator/domain/acceptance.ts'
import { webNamespaceOf } from '../harness/chart.ts'
import { harness } from '../harness/context.ts'
import { holderOf, person } from './security-scene.ts'
import type { Person, Verb } from './security-scene.ts'
import { isReady, namespaceOf, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
let thief: Person

const system = () => harness().operator.namespace
const web = () => webNamespaceOf(system())
const secretsIn = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`

test.before(async () => {
  scene = await openScene()
  const token = await harness().cluster.tokenFor({ namespace: system(), name: 'tenantry-web' })
  thief = await holderOf(token, 'tenantry-web')
})
test.after.always(async () => {
  await thief?.[Symbol.asyncDispose]()
  await scene?.[Symbol.asyncDispose]()
})

const serviceAccountToken = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'kubernetes.io/service-account-token',
  metadata: { name: 'stolen', annotations: { 'kubernetes.io/service-account.name': name } },
})

test('The thief gets out of the namespace of the pages by nothing', async (t) => {
  const tenant = await scene.provisioned()
  const { namespace: home = '', name } = tenant.metadata
  const own = namespaceOf(tenant)
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'mine' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'User', name: 'thief', apiGroup: 'rbac.authorization.k8s.io' }],
  }
  const tries: readonly (readonly [Verb, string, object?])[] = [
    ['GET', '/api/v1/secrets'],
    ['GET', secretsIn(system())],
    ['GET', secretsIn(own)],
    ['POST', secretsIn(system()), serviceAccountToken('tenantry')],
    ['POST', `/api/v1/namespaces/${system()}/serviceaccounts/tenantry/token`, {}],
    ['POST', `/api/v1/namespaces/${web()}/serviceaccounts/default/token`, {}],
    ['POST', `/api/v1/namespaces/${web()}/pods`, { metadata: { name: 'mine' } }],
    ['POST', `${rbac}/clusterrolebindings`, binding],
    ['POST', `${rbac}/namespaces/${web()}/rolebindings`, { ...binding, kind: 'RoleBinding' }],
    ['PATCH', paths.tenant(home, name), { spec: { displayName: 'Mine' } }],
    ['PATCH', `${paths.tenant(home, name)}/status`, { status: { phase: 'Active' } }],
    ['GET', `/apis/coordination.k8s.io/v1/namespaces/${system()}/leases`],
    ['GET', `/api/v1/namespaces/${system()}/configmaps`],
    ['DELETE', `/api/v1/namespaces/${web()}`],
    ['DELETE', secretsIn(web())],
  ]
  for (const [verb, path, body] of tries) t.is((await thief.try(verb, path, body)).status, 403, `${verb} ${path}`)
  t.is((await thief.try('GET', secretsIn(web()))).status, 200)
})

test('A person of a tenant reaches nothing of the pages', async (t) => {
  const tenant = await scene.provisioned()
  const accepted = await scene.accept(await scene.declareAdmin(tenant))
  await using insider = await person(accepted.status?.user ?? '')
  for (const path of [secretsIn(web()), `${secretsIn(web())}/tenantry-root`, `/api/v1/namespaces/${web()}/pods`])
    t.is((await insider.try('GET', path)).status, 403, path)
})

test('A forged acceptance of another address counts for nobody, and forged records stop no reconciler', async (t) => {
  const tenant = await scene.provisioned()
  const declared = await scene.declareAdmin(tenant)
  const admin = await scene.adminWhen(declared, ({ status }) => status?.invite?.sentAt !== undefined)
  const { namespace = '', name, uid = '' } = admin.metadata
  const forged = (over: { address?: string; acceptedAt?: string; sequence?: number; passwordHash?: string }) =>
    acceptanceSecret(
      {
        adminUid: uid,
        admin: `${namespace}/${name}`,
        tenantUid: tenant.metadata.uid ?? '',
        tenant: `${tenant.metadata.namespace ?? ''}/${tenant.metadata.name}`,
        sequence: 1,
        address: admin.spec.email,
        acceptedAt: '2030-01-01T00:00:00Z',
        nonce: '',
        ...over,
      },
      web(),
      'other',
    )
  const records = [
    forged({ address: 'thief@example.com', sequence: 7 }),
    forged({ acceptedAt: 'never\0', sequence: 8 }),
    forged({ sequence: -5 }),
  ]
  for (const record of records) t.is((await thief.try('POST', secretsIn(web()), record)).status, 201)
  const accepted = await scene.accept(admin)
  t.is(accepted.status?.invite?.address, admin.spec.email)
  t.is(accepted.status?.invite?.sequence, 1)
  const broken = {
    hash: Buffer.from('a\0b').toString('base64'),
    changedAt: Buffer.from('2030-01-01T00:00:00Z').toString('base64'),
  }
  const password = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'tenantry.dev/password',
    metadata: {
      name: `password-${uid}`,
      labels: { ...records[0]?.metadata.labels, 'app.kubernetes.io/component': 'password' },
      annotations: { ...records[0]?.metadata.annotations },
    },
    data: broken,
  }
  t.is((await thief.try('POST', secretsIn(web()), password)).status, 201)
  await scene.api.send('PATCH', paths.tenant(tenant.metadata.namespace ?? '', tenant.metadata.name), {
    spec: { displayName: 'Still served' },
  })
  const after = await scene.when(tenant, (each) => each.spec.displayName === 'Still served' && isReady(each))
  t.is(after.status?.phase, 'Active')
})
