/** What is granted for a time does not outlive it: a technician and a superadmin who try to stay, on the real servers. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { AccessGrant } from '../../operator/api/accessgrant.ts'
import type { RoleBinding } from '../../operator/kube/resources.ts'
import { uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { lasting, workload } from './attacks/granted.ts'
import type { Grantee } from './attacks/granted.ts'
import { core, secret } from './attacks/objects.ts'
import { household, person } from './security-scene.ts'
import type { Answer, Household, Person } from './security-scene.ts'
import { openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

const stack = new AsyncDisposableStack()
let scene: Scene
let msp: Household
let customer: Household
let technician: { readonly username: string; readonly admin: string; readonly caller: Person }
let root: Person

test.before('a technician with a delegation, and a superadmin who may masquerade', async (t) => {
  t.timeout(300_000)
  scene = stack.use(await openScene())
  msp = await household(scene, { type: 'MSP' })
  customer = await household(scene, {}, { namespace: msp.namespace })
  const { spec, metadata } = await scene.accept(await scene.declareAdmin(msp.tenant, { role: 'Technician' }))
  const caller = stack.use(await person(spec.email.toLowerCase()))
  technician = { username: spec.username, admin: metadata.name, caller }
  root = stack.use(await superadmin())
  for (const { namespace } of [msp, customer])
    await scene.api.send('POST', deployments(namespace), workload('Deployment', 'theirs'))
})
test.after.always(() => stack.disposeAsync())

const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`
const grants = (namespace: string) => `/apis/tenantry.dev/v1alpha1/namespaces/${namespace}/accessgrants`
const grantPath = ({ metadata }: AccessGrant) => `${grants(metadata.namespace ?? '')}/${metadata.name}`
const bindingPath = ({ namespace }: Household) => paths.roleBinding(namespace, 'tenantry-granted')

async function superadmin(): Promise<Person> {
  const name = uniqueName('root')
  const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
  await scene.api.send('POST', bindings, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tenantry-masquerader' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
  })
  stack.defer(async () => void (await scene.api.send('DELETE', `${bindings}/${name}`)))
  const caller = await person(name)
  await eventually(async () => (await caller.try('GET', grants(msp.namespace))).status === 200)
  return caller
}

const manifest = ({ tenant }: Household, spec: Readonly<Record<string, unknown>>) => ({
  apiVersion: 'tenantry.dev/v1alpha1',
  kind: 'AccessGrant',
  metadata: { name: uniqueName('grant') },
  spec: { tenantRef: { name: tenant.metadata.name }, ...spec },
})

const made = ({ status, text }: Answer): AccessGrant => {
  if (status !== 201) throw new Error(`${status} ${text}`)
  return JSON.parse(text) as AccessGrant // the apiserver has let it through
}

async function granted(t: ExecutionContext, grant: AccessGrant, caller: Person, where: Household): Promise<void> {
  t.teardown(async () => {
    if ((await scene.api.get(grantPath(grant))) !== undefined) await scene.api.send('DELETE', grantPath(grant))
  })
  await eventually(async () => (await scene.api.get<AccessGrant>(grantPath(grant)))?.status?.phase === 'Active', {
    timeout: 60_000,
    describe: `the AccessGrant ${grant.metadata.name} to be in force`,
  })
  await readsSecret(caller, where, true)
}

async function delegated(t: ExecutionContext): Promise<AccessGrant> {
  const wanted = manifest(customer, { type: 'Delegation', username: technician.username })
  const grant = await scene.api.send<AccessGrant>('POST', grants(msp.namespace), wanted)
  await granted(t, grant, technician.caller, customer)
  return grant
}

async function masquerading(t: ExecutionContext, where: Household): Promise<AccessGrant> {
  const wanted = manifest(where, { type: 'Masquerade', username: root.name, reason: 'Ticket 4713' })
  const grant = made(await root.try('POST', grants(where.tenant.metadata.namespace ?? ''), wanted))
  await granted(t, grant, root, where)
  return grant
}

const readsSecret = (caller: Person, { namespace }: Household, may: boolean) =>
  eventually(async () => (await caller.try('GET', paths.secret(namespace))).status === (may ? 200 : 403), {
    timeout: 60_000,
    describe: `${caller.name} ${may ? '' : 'not '}to read the Secret of ${namespace}`,
  })

/** 403 by RBAC or by a policy; by whom is told, as a right that is missing would hide a policy that is dead. */
async function refusesAll(t: ExecutionContext, caller: Person, { namespace, admin }: Household): Promise<void> {
  const grantee: Grantee = { namespace, user: caller.name, admin: admin.metadata.name }
  for (const [sentence, attempt, words = /User \\"[^"]+\\" cannot /] of lasting) {
    const [verb, path, body] = attempt(grantee)
    const { status, text } = await caller.try(verb, path, body)
    t.is(status, 403, `${caller.name} ${sentence}: ${text.slice(0, 300)}`)
    t.regex(text, words, `${caller.name} ${sentence}`)
  }
}

/** Nothing of what was done while it lasted opens anything. */
async function hasNothing(t: ExecutionContext, caller: Person, where: Household): Promise<void> {
  await readsSecret(caller, where, false)
  for (const plural of ['pods', 'secrets', 'configmaps', 'serviceaccounts'])
    t.is((await caller.try('GET', core(where.namespace, plural))).status, 403, plural)
  t.is((await caller.try('POST', core(where.namespace, 'secrets'), secret('late'))).status, 403)
  const bindings = await scene.api.list<RoleBinding>(paths.roleBinding(where.namespace, '').replace(/\/$/, ''))
  const users = bindings.flatMap(({ subjects }) => subjects ?? []).map(({ name }) => name)
  t.false(users.includes(caller.name))
}

test.serial('a technician makes no access that lasts, and has nothing when the technician is deleted', async (t) => {
  t.timeout(300_000)
  await delegated(t)
  await refusesAll(t, technician.caller, customer)
  await worksUnderItsName(t, technician.caller)
  await scene.api.send('DELETE', paths.admin(msp.tenant.metadata.namespace ?? '', technician.admin))
  await hasNothing(t, technician.caller, customer)
})

/** What a grantee may do, and the tenant's own admin sees it and is not held to it. */
async function worksUnderItsName(t: ExecutionContext, caller: Person): Promise<void> {
  const { namespace, user } = customer
  const told = { 'tenantry.dev/granted-to': caller.name }
  const theirs = `${deployments(namespace)}/theirs`
  const answers = [
    await caller.try('POST', deployments(namespace), workload('Deployment', 'mended', told)),
    await caller.try('PATCH', theirs, { metadata: { annotations: told }, spec: { replicas: 3 } }),
    await caller.try('PATCH', theirs, { spec: { replicas: 1 } }),
    await caller.try(
      'POST',
      core(namespace, 'secrets'),
      secret('setting', { metadata: { name: 'setting', annotations: told } }),
    ),
    await caller.try('GET', paths.admins(namespace)),
  ]
  t.deepEqual(
    answers.map(({ status }) => status),
    [201, 200, 200, 201, 200],
    answers.map(({ text }) => text.slice(0, 200)).join('\n'),
  )
  t.is(
    (await caller.try('PATCH', theirs, { metadata: { annotations: { 'tenantry.dev/granted-to': null } } })).status,
    403,
  )
  await using admin = await person(user)
  const { text } = await admin.try('GET', theirs)
  t.regex(text, new RegExp(`"tenantry.dev/granted-to":"${caller.name}"`))
  t.is(
    (await admin.try('PATCH', theirs, { metadata: { annotations: { 'tenantry.dev/granted-to': null } } })).status,
    200,
  )
}

test.serial('a superadmin who masquerades makes no access that lasts, in a customer or in an MSP', async (t) => {
  t.timeout(300_000)
  for (const where of [customer, msp]) {
    const grant = await masquerading(t, where)
    await refusesAll(t, root, where)
    await scene.api.send('DELETE', grantPath(grant))
    await hasNothing(t, root, where)
  }
})

test.serial('who may only masquerade delegates access to nobody', async (t) => {
  const wanted = manifest(customer, { type: 'Delegation', username: 'a-friend' })
  const { status, text } = await root.try('POST', grants(msp.namespace), wanted)
  t.is(status, 403)
  t.regex(text, /spec\.type must not be Delegation/)
  await using admin = await person(msp.user)
  const grant = made(await admin.try('POST', grants(msp.namespace), wanted))
  await scene.api.send('DELETE', grantPath(grant))
})

test.serial(
  'a RoleBinding by which an earlier version granted the admins’ own role moves to the one for a time',
  async (t) => {
    t.timeout(240_000)
    await masquerading(t, customer)
    const path = bindingPath(customer)
    const binding = await scene.api.get<RoleBinding>(path)
    t.is(binding?.roleRef.name, 'tenantry-tenant-granted')
    const { labels, annotations } = binding?.metadata ?? {}
    const earlier = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'tenantry-granted', labels, annotations },
      roleRef: { ...binding?.roleRef, name: 'tenantry-tenant-admin' },
      subjects: binding?.subjects,
    }
    await scene.api.send('DELETE', path)
    // The operator may put it back first.
    await eventually(async () => {
      try {
        return await scene.api.send('POST', path.replace(/\/[^/]+$/, ''), earlier)
      } catch {
        await scene.api.send('DELETE', path)
        return undefined
      }
    })
    await eventually(async () => (await scene.api.get<RoleBinding>(path))?.roleRef.name === 'tenantry-tenant-granted', {
      timeout: 60_000,
      describe: 'the RoleBinding to name the role for a time',
    })
  },
)
