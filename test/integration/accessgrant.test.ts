/** Access that is granted, on the real servers: what the person may do meanwhile and afterwards, and what is left of it. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { AccessGrant } from '../../operator/api/accessgrant.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { RoleBinding } from '../../operator/kube/resources.ts'
import type { AccessEntry } from '../../operator/tenant/namespace/access-list.ts'
import { uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { household, person } from './security-scene.ts'
import type { Answer, Household, Person } from './security-scene.ts'
import { bindingOf, isReady, namespaceOf, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

interface Technician {
  readonly username: string
  readonly user: string
  readonly caller: Person
}

const stack = new AsyncDisposableStack()
let scene: Scene
let msp: Household
let customer: Household
let technician: Technician

test.before(async (t) => {
  t.timeout(300_000)
  scene = stack.use(await openScene())
  msp = await household(scene, { type: 'MSP' })
  customer = await household(scene, {}, { namespace: msp.namespace })
  technician = await newTechnician()
  await shortenGrace()
})
test.after.always(() => stack.disposeAsync())

const grants = (namespace: string) => `/apis/tenantry.dev/v1alpha1/namespaces/${namespace}/accessgrants`
const grantPath = ({ metadata }: AccessGrant) => `${grants(metadata.namespace ?? '')}/${metadata.name}`

async function newTechnician(): Promise<Technician> {
  const { spec } = await scene.accept(await scene.declareAdmin(msp.tenant, { role: 'Technician' }))
  const user = spec.email.toLowerCase()
  return { username: spec.username, user, caller: stack.use(await person(user)) }
}

const manifest = (spec: Readonly<Record<string, unknown>>) => ({
  apiVersion: 'tenantry.dev/v1alpha1',
  kind: 'AccessGrant',
  metadata: { name: uniqueName('grant') },
  spec: { tenantRef: { name: customer.tenant.metadata.name }, ...spec },
})

/** Until the end of the test, whatever becomes of it. */
async function delegate(t: ExecutionContext, spec: Readonly<Record<string, unknown>> = {}): Promise<AccessGrant> {
  const wanted = manifest({ type: 'Delegation', username: technician.username, ...spec })
  const grant = await scene.api.send<AccessGrant>('POST', grants(msp.namespace), wanted)
  t.teardown(async () => {
    if ((await scene.api.get(grantPath(grant))) !== undefined) await scene.api.send('DELETE', grantPath(grant))
  })
  return grant
}

const secretOf = ({ namespace }: Household) => paths.secret(namespace)
const listOf = ({ namespace }: Household) => `/api/v1/namespaces/${namespace}/configmaps/tenantry-access`

async function reads(caller: Person, path = secretOf(customer)): Promise<boolean> {
  const { status, text } = await caller.try('GET', path)
  if (status !== 200 && status !== 403) throw new Error(`${caller.name}: ${status} ${text}`)
  return status === 200
}

/** Active is said when it is so: only the apiserver's authorizer may hear of the RoleBinding a moment after the operator. */
async function readsSoon(caller: Person): Promise<boolean> {
  const { subjects = [] } = (await scene.api.get<RoleBinding>(grantedPath())) ?? {}
  if (!subjects.some(({ name }) => name === caller.name)) throw new Error(`${caller.name} is not bound`)
  return eventually(() => reads(caller), {
    timeout: 30_000,
    describe: `${caller.name} to read what is said to be granted`,
  })
}

const grantedPath = () => paths.roleBinding(customer.namespace, 'tenantry-granted')

const eventuallyReads = (caller: Person, what: boolean, path?: string) =>
  eventually(async () => (await reads(caller, path)) === what, {
    timeout: 60_000,
    interval: 50,
    describe: `${caller.name} ${what ? '' : 'not '}to read ${path ?? 'the Secret'}`,
  })

async function grantWhen(grant: AccessGrant, check: (grant: AccessGrant) => boolean): Promise<AccessGrant> {
  let last: AccessGrant | undefined
  try {
    return await eventually(
      async () => {
        last = await scene.api.get<AccessGrant>(grantPath(grant))
        return last !== undefined && check(last) ? last : undefined
      },
      { timeout: 60_000, interval: 50, describe: `the AccessGrant ${grant.metadata.name}` },
    )
  } catch (error) {
    throw new Error(`${String(error)}\n${JSON.stringify(last?.status)}`, { cause: error })
  }
}

const inPhase = (phase: string) => (grant: AccessGrant) => grant.status?.phase === phase
const readyReason = (reason: string) => (grant: AccessGrant) =>
  grant.status?.conditions?.some((each) => each.type === 'Ready' && each.reason === reason) === true

/** Who has access, as the customer's own admin reads it. */
async function listed(): Promise<readonly AccessEntry[]> {
  await using admin = await person(customer.user)
  const { status, text } = await admin.try('GET', listOf(customer))
  if (status !== 200) throw new Error(`${status} ${text}`)
  const { data } = JSON.parse(text) as { readonly data: Readonly<Record<string, string>> } // a ConfigMap
  return JSON.parse(data['access.json'] ?? '') as readonly AccessEntry[] // our own JSON
}

/** Ends the access, whatever has become of it, and waits until the password has been changed for everybody who is gone. */
async function withdrawn(grant: AccessGrant): Promise<void> {
  const before = await secretLogin()
  await scene.api.send('DELETE', grantPath(grant))
  await eventuallyChanged(before)
}

const secretLogin = async (): Promise<string> => (await bindingOf(scene, customer.tenant))['password'] ?? ''

async function eventuallyChanged(before: string): Promise<void> {
  await eventually(async () => (await secretLogin()) !== before, {
    timeout: 60_000,
    describe: 'the password to be changed',
  })
  await settled()
}

/** A rotation waits for the grace period of the one before: a plan of the customer's own makes it short. */
async function shortenGrace(): Promise<void> {
  const name = await scene.declarePlan({ database: { rotation: { grace: '1s' } } })
  await scene.change(paths.tenant(msp.namespace, customer.tenant.metadata.name), { spec: { plan: name } })
  await scene.when(customer.tenant, (tenant) => tenant.status?.plan === name && isReady(tenant))
}

/** Until a rotation and its grace period are over. */
async function settled(): Promise<Tenant> {
  return scene.when(
    customer.tenant,
    (tenant) => isReady(tenant) && tenant.status?.database?.formerLoginUntil === undefined,
  )
}

test.serial(
  'a technician has nothing of a customer, all of it while that is delegated, and nothing afterwards',
  async (t) => {
    t.timeout(300_000)
    t.false(await reads(technician.caller))
    const grant = await delegate(t, { reason: 'Ticket 4711' })
    const active = await grantWhen(grant, inPhase('Active'))
    t.true(await readsSoon(technician.caller))
    t.like(active.status, { user: technician.user, endsAt: undefined })
    t.truthy(active.status?.startedAt)
    t.false(await reads(technician.caller, secretOf(msp)), 'nothing of the MSP itself')
    await eventually(async () => (await listed()).some(({ user }) => user === technician.user))
    t.like(
      (await listed()).find(({ user }) => user === technician.user),
      {
        origin: 'Delegation',
        username: technician.username,
        reason: 'Ticket 4711',
        roles: ['tenantry-tenant-granted'],
      },
    )
    t.deepEqual(
      (await listed()).map(({ origin }) => origin),
      ['Own', 'Inherited', 'Delegation'],
    )
    const password = await secretLogin()
    await scene.api.send('DELETE', grantPath(grant))
    const start = performance.now()
    await eventuallyReads(technician.caller, false)
    t.log(`without access ${Math.round(performance.now() - start)} ms after the deletion`)
    await eventuallyChanged(password)
    t.deepEqual(
      (await listed()).map(({ origin }) => origin),
      ['Own', 'Inherited'],
    )
  },
)

test.serial('a delegation until a time ends then, by itself', async (t) => {
  t.timeout(300_000)
  const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 15_000).toISOString()
  const grant = await delegate(t, { until })
  await eventuallyReads(technician.caller, true)
  const password = await secretLogin()
  t.true(Date.now() < Date.parse(until), 'it is looked at before its end')
  await eventuallyReads(technician.caller, false)
  const late = Date.now() - Date.parse(until)
  t.true(late >= 0 && late < 10_000, `${late} ms after its end`)
  t.log(`without access ${late} ms after the end`)
  const ended = await grantWhen(grant, inPhase('Ended'))
  t.is(Date.parse(ended.status?.endsAt ?? ''), Date.parse(until))
  await eventuallyChanged(password)
  await scene.api.send('DELETE', grantPath(grant))
})

test.serial('what is over at its creation gives nobody anything', async (t) => {
  const grant = await delegate(t, { until: '2020-01-01T00:00:00Z' })
  await grantWhen(grant, inPhase('Ended'))
  t.false(await reads(technician.caller))
  await scene.api.send('DELETE', grantPath(grant))
})

test.serial('while the customer is off everybody may look, at no Secret; and it comes back', async (t) => {
  t.timeout(300_000)
  const at = paths.tenant(msp.namespace, customer.tenant.metadata.name)
  const grant = await delegate(t)
  await grantWhen(grant, inPhase('Active'))
  await scene.change(at, { spec: { state: 'Deactivated' } })
  await grantWhen(grant, readyReason('Deactivated'))
  await eventuallyReads(technician.caller, false)
  // The role of a RoleBinding cannot be changed: it is made anew.
  await eventuallyReads(technician.caller, true, listOf(customer))
  await scene.change(at, { spec: { state: 'Active' } })
  await grantWhen(grant, inPhase('Active'))
  t.true(await readsSoon(technician.caller))
  await scene.when(customer.tenant, isReady)
  await withdrawn(grant)
})

test.serial('with the technician the access goes; a delegation to somebody who is none is refused', async (t) => {
  t.timeout(300_000)
  const other = await newTechnician()
  const grant = await delegate(t, { username: other.username })
  await grantWhen(grant, inPhase('Active'))
  const password = await secretLogin()
  await scene.change(paths.admin(msp.tenant.metadata.namespace ?? '', other.username), {
    spec: { state: 'Deactivated' },
  })
  await eventuallyReads(other.caller, false)
  await grantWhen(grant, readyReason('Deactivated'))
  await eventuallyChanged(password)
  await scene.change(paths.admin(msp.tenant.metadata.namespace ?? '', other.username), {
    spec: { state: 'Active', role: 'Admin' },
  })
  const refused = await grantWhen(grant, inPhase('Refused'))
  t.regex(
    refused.status?.conditions?.find(({ type }) => type === 'Stalled')?.message ?? '',
    /is Admin of the parent MSP/,
  )
  await scene.api.send('DELETE', grantPath(grant))
  const nobody = await delegate(t, { username: 'nobody-of-that-name' })
  await grantWhen(nobody, readyReason('GranteeNotFound'))
  await scene.api.send('DELETE', grantPath(nobody))
})

test.serial(
  "the tenant's people change neither the RoleBinding nor the list; what others change is put back",
  async (t) => {
    t.timeout(240_000)
    const grant = await delegate(t)
    await grantWhen(grant, inPhase('Active'))
    const binding = grantedPath()
    for (const user of [customer.user, technician.user]) {
      await using caller = await person(user)
      const answers: readonly Answer[] = [
        await caller.try('PATCH', listOf(customer), { data: { 'access.txt': 'nobody' } }),
        await caller.try('DELETE', listOf(customer)),
        await caller.try('PATCH', binding, { subjects: [] }),
        await caller.try('DELETE', grantPath(grant)),
      ]
      t.deepEqual(
        answers.map(({ status }) => status),
        [403, 403, 403, 403],
      )
    }
    await scene.api.send('DELETE', binding)
    await scene.api.send('DELETE', listOf(customer))
    await eventually(async () => (await scene.api.get(binding)) !== undefined, { describe: 'the RoleBinding' })
    await eventually(async () => (await scene.api.get(listOf(customer))) !== undefined, { describe: 'the list' })
    await eventuallyReads(technician.caller, true)
    await withdrawn(grant)
  },
)

/** Who may masquerade, in all tenants. */
async function superadmin(t: ExecutionContext, name = uniqueName('root')): Promise<Person> {
  const root = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
  await scene.api.send('POST', root, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tenantry-masquerader' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
  })
  t.teardown(() => scene.api.send('DELETE', `${root}/${name}`))
  const caller = await person(name)
  t.teardown(() => caller[Symbol.asyncDispose]())
  await eventually(async () => (await caller.try('GET', grants(msp.namespace))).status === 200)
  return caller
}

const masquerade = (caller: Person, spec: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
  caller.try(
    'POST',
    grants(msp.namespace),
    manifest({ type: 'Masquerade', username: caller.name, reason: 'Ticket 4712', ...spec }),
  )

const made = ({ text }: Answer): AccessGrant => JSON.parse(text) as AccessGrant // the apiserver has let it through

test.serial(
  'nobody masquerades but a person as who asks, with the verb, a reason, and for as long as may be',
  async (t) => {
    const root = await superadmin(t)
    const refusals: readonly (readonly [Answer, RegExp])[] = [
      [await masquerade(root, { username: 'somebody-else' }), /spec.username must be your own Kubernetes user/],
      [await masquerade(root, { reason: undefined }), /spec.reason must be given/],
      [await masquerade(root, { duration: '3h' }), /spec.duration must be at most 1h/],
      [
        await masquerade(await superadmin(t, `system:serviceaccount:ci:${uniqueName('robot')}`)),
        /only a person can masquerade/,
      ],
      [await masquerade(await editor(t)), /spec.tenantRef names a Tenant that you may not masquerade in/],
    ]
    for (const [{ status, text }, sentence] of refusals) {
      t.true([403, 422].includes(status), text)
      t.regex(text, sentence)
    }
    t.deepEqual(await scene.api.list(grants(msp.namespace)), [])
  },
)

/** Who may write AccessGrants beside the customers, and has no verb of ours. */
async function editor(t: ExecutionContext): Promise<Person> {
  const caller = await person(msp.user)
  t.teardown(() => caller[Symbol.asyncDispose]())
  return caller
}

test.serial('a masquerade: an admin’s access for its time, audited with both identities, one at a time', async (t) => {
  t.timeout(300_000)
  const root = await superadmin(t)
  t.false(await reads(root))
  const password = await secretLogin()
  const answer = await masquerade(root, { duration: '25s' })
  t.is(answer.status, 201, answer.text)
  const grant = await grantWhen(made(answer), inPhase('Active'))
  t.true(await readsSoon(root))
  const binding = await scene.api.get<RoleBinding>(grantedPath())
  t.like(JSON.parse(binding?.metadata.annotations?.['tenantry.dev/grants'] ?? '[]'), [
    { type: 'Masquerade', user: root.name, as: customer.admin.spec.username, reason: 'Ticket 4712' },
  ])
  const second = made(await masquerade(root))
  const refused = await grantWhen(second, inPhase('Refused'))
  t.regex(refused.status?.conditions?.[0]?.message ?? '', /masquerades already, by the AccessGrant/)
  await eventuallyReads(root, false)
  const end = Date.parse(grant.status?.endsAt ?? '')
  t.true(Date.now() >= end, 'not before its time')
  t.log(`without access ${Date.now() - end} ms after the end`)
  await grantWhen(grant, inPhase('Ended'))
  await eventuallyChanged(password)
  const as = `as the admin ${customer.admin.spec.username} of the Tenant ${customer.tenant.metadata.name}`
  const notes = [`${root.name} acts ${as}`, `${root.name} no longer acts ${as}`]
  for (const kind of ['AccessGrant', 'Tenant']) {
    await eventually(async () => (await told(kind, notes)).length === 2, { describe: `two Events on the ${kind}` })
    t.deepEqual((await told(kind, notes)).toSorted(), ['MasqueradeBegan', 'MasqueradeEnded'])
  }
  for (const each of [grant, second]) await scene.api.send('DELETE', grantPath(each))
})

async function told(kind: string, notes: readonly string[]): Promise<readonly string[]> {
  interface WrittenLine {
    readonly regarding?: { readonly kind?: string }
    readonly reason?: string
    readonly note?: string
  }
  const events = await scene.api.list<WrittenLine>(`/apis/events.k8s.io/v1/namespaces/${msp.namespace}/events`)
  return events
    .filter((each) => each.regarding?.kind === kind && notes.some((note) => each.note?.startsWith(note)))
    .map(({ reason = '' }) => reason)
}

test.serial('when nothing changes nothing is written', async (t) => {
  const grant = await delegate(t, { until: '2040-01-01T00:00:00Z' })
  await grantWhen(grant, inPhase('Active'))
  // It is written after the RoleBinding.
  await eventually(async () => (await listed()).some(({ user }) => user === technician.user))
  await settled()
  const watched = [
    grantPath(grant),
    listOf(customer),
    grantedPath(),
    paths.tenant(msp.namespace, customer.tenant.metadata.name),
  ]
  const versions = () => Promise.all(watched.map(async (path) => (await scene.api.get(path))?.metadata.resourceVersion))
  const before = await versions()
  // Wakes the tenant, and says nothing.
  await scene.change(paths.namespace(customer.namespace), { metadata: { labels: { other: uniqueName('thing') } } })
  const canary = await scene.declareAdmin(customer.tenant)
  await scene.adminWhen(canary, ({ status }) => status?.invite?.status === 'Pending')
  const after = await versions()
  t.deepEqual(after.slice(0, 3), before.slice(0, 3))
  t.is(namespaceOf(customer.tenant), customer.namespace)
  await withdrawn(grant)
})
