/**
 * What is not so is never called in place: whichever field of whichever object an admission policy changes, and whatever it
 * adds, its Tenant says so, and says that all is well only when it is.
 */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { AccessGrant } from '../../operator/api/accessgrant.ts'
import type { ConditionStatus } from '../../operator/api/conditions.ts'
import type { TenantPhase } from '../../operator/api/phases.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import { fieldName } from '../../operator/tenant/namespace/object-differences.ts'
import type { Stored } from '../harness/api.ts'
import { uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { casesOf, isFixed, peoplesThings, secret, suspension, things } from './mutated-objects.ts'
import type { Case, Thing } from './mutated-objects.ts'
import { mutate, valueAt } from './mutating.ts'
import { bindingOf, conditionOf, isReady, logsIn, namespaceOf, openScene, paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

/** An MSP with an admin, and with a technician whose username is given back. */
async function openMsp() {
  const tenant = await scene.provisioned({ type: 'MSP' })
  await scene.accept(await scene.declareAdmin(tenant))
  const { spec } = await scene.accept(await scene.declareAdmin(tenant, { role: 'Technician' }))
  return { namespace: namespaceOf(tenant), technician: spec.username }
}

type Msp = Awaited<ReturnType<typeof openMsp>>

/** A customer to which access is delegated; gives it back once it has these objects. */
async function customer({ namespace, technician }: Msp, people: readonly object[], had: readonly Thing[]) {
  const tenant = await scene.declare({}, { namespace })
  const grants = `/apis/tenantry.dev/v1alpha1/namespaces/${namespace}/accessgrants`
  const grant = await scene.api.send<AccessGrant>('POST', grants, {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'AccessGrant',
    metadata: { name: uniqueName('grant') },
    spec: { type: 'Delegation', tenantRef: { name: tenant.metadata.name }, username: technician },
  })
  for (const each of people) await scene.accept(await scene.declareAdmin(tenant, { ...each }))
  const isActive = async () => {
    const { status } = (await scene.api.get<AccessGrant>(`${grants}/${grant.metadata.name}`)) ?? {}
    return status?.phase === 'Active'
  }
  await eventually(isActive, { timeout: 60_000, describe: 'the AccessGrant to be Active' })
  const ready = await scene.when(tenant, isReady)
  for (const thing of had)
    await eventually(() => objectOf(ready, thing), { timeout: 60_000, describe: thing.name('the namespace') })
  return ready
}

const objectOf = (tenant: Tenant, { path }: Thing) => scene.api.get(path(namespaceOf(tenant)))

/** A life in which policies are tried. */
interface World {
  readonly isWell: (tenant: Tenant) => boolean
  /** Has the operator write that object once more, with these fields. */
  readonly provoke: (tenant: Tenant, each: Case) => Promise<unknown>
  readonly phase: TenantPhase
  readonly available: ConditionStatus
}

let touches = 0

const on: World = {
  isWell: isReady,
  provoke: (tenant, { thing, changes }) => {
    const at = thing.path(namespaceOf(tenant))
    if (changes.some(({ path }) => isFixed(path))) return scene.api.send('DELETE', at)
    return scene.change(at, { metadata: { annotations: { 'example.com/touched': String((touches += 1)) } } })
  },
  phase: 'Active',
  available: 'True',
}

/** Nobody but the operator edits what keeps a tenant still, so that a policy meets it when it is made. */
const off: World = {
  isWell: (tenant) => {
    const ready = conditionOf(tenant, 'Ready')
    return ready?.status === 'True' && ready.reason === 'Deactivated'
  },
  provoke: async (tenant) => {
    await setState(tenant, 'Active')
    await scene.when(tenant, isReady)
    await setState(tenant, 'Deactivated')
  },
  phase: 'Deactivated',
  available: 'False',
}

const setState = ({ metadata }: Tenant, state: 'Active' | 'Deactivated') =>
  scene.change(paths.tenant(metadata.namespace ?? '', metadata.name), { spec: { state } })

const subAdmin = { role: 'SubAdmin', permissions: ['viewer'] }

test.serial(
  'Whatever a policy changes in an object or adds to it, the Tenant names it and is not Ready, until the policy goes',
  async (t) => {
    t.timeout(600_000)
    const msp = await openMsp()
    // Few have people: these come from one address, and are told to wait where they come too fast.
    const [plain, staffed] = await Promise.all([
      several(6, () => customer(msp, [], things)),
      several(2, () => customer(msp, [{}, subAdmin], peoplesThings)),
    ])
    await Promise.all([allAreTold(t, plain, things, on), allAreTold(t, staffed, peoplesThings, on)])
  },
)

test.serial('The same goes for the quota that keeps a tenant still while it is off', async (t) => {
  t.timeout(600_000)
  const tenants = await several(3, async () => {
    const tenant = await scene.provisioned()
    await setState(tenant, 'Deactivated')
    return scene.when(tenant, off.isWell)
  })
  await allAreTold(t, tenants, [suspension], off)
})

test.serial('A password that is to be changed is changed although a policy makes its Secret immutable', async (t) => {
  t.timeout(400_000)
  const tenant = await scene.provisioned()
  const [namespace, name] = [namespaceOf(tenant), 'tenantry-database']
  const each = { thing: secret, changes: [{ path: ['immutable'], value: true }] }
  const end = await mutate(scene, uniqueName('contest'), { ...secret, name, namespace, changes: each.changes })
  try {
    await whenContested(tenant, each, on, name)
    const before = await bindingOfImmutable(tenant)
    const { metadata } = tenant
    const annotations = { 'tenantry.dev/rotate-requested-at': 'now' }
    await scene.change(paths.tenant(metadata.namespace ?? '', metadata.name), { metadata: { annotations } })
    const isTurned = ({ status }: Tenant) => status?.database?.lastHandledRotation === 'now'
    await scene.when(tenant, (now) => isTurned(now) && isContested(now, each))
    const after = await bindingOfImmutable(tenant)
    t.not(after['username'], before['username'])
    t.deepEqual([await logsIn(after), await logsIn(before)], [true, true])
  } finally {
    await end()
  }
  await scene.when(tenant, isReady)
  t.is(valueAt(await objectOf(tenant, secret), ['immutable']), undefined)
})

/** It is deleted and made anew at each write: in between there is none. */
function bindingOfImmutable(tenant: Tenant): Promise<Readonly<Record<string, string>>> {
  const found = async () => {
    const binding = await bindingOf(scene, tenant)
    return binding['password'] === undefined ? undefined : binding
  }
  return eventually(found, { describe: 'the Secret to be there' })
}

function several(length: number, make: () => Promise<Tenant>): Promise<readonly Tenant[]> {
  return Promise.all(Array.from({ length }, make))
}

/** The tenants share the cases, side by side. */
async function allAreTold(t: ExecutionContext, tenants: readonly Tenant[], tried: readonly Thing[], world: World) {
  const counts = await Promise.all(
    tenants.map(async (tenant, lane) => {
      const cases = await Promise.all(
        tried.map(async (thing) => {
          const object = await objectOf(tenant, thing)
          return object === undefined ? [] : casesOf(thing, object)
        }),
      )
      for (const [at, each] of cases.flat().entries())
        if (at % tenants.length === lane) await isTold(t, tenant, each, world)
      return cases.map((of) => of.length)
    }),
  )
  for (const [at, { name }] of tried.entries()) t.true((counts[0]?.[at] ?? 0) > 2, `${name('')} has fields`)
  t.log(`${counts[0]?.reduce((sum, each) => sum + each)} policies`)
}

async function isTold(t: ExecutionContext, tenant: Tenant, each: Case, world: World): Promise<void> {
  const { thing, changes } = each
  const namespace = namespaceOf(tenant)
  const what = `${changes.map(({ path }) => fieldName(path)).join(', ')} of the ${thing.kind} ${thing.name(namespace)}`
  const before = await objectOf(tenant, thing)
  const end = await mutate(scene, uniqueName('contest'), { ...thing, name: thing.name(namespace), namespace, changes })
  try {
    const contested = await whenContested(tenant, each, world, what)
    t.is(conditionOf(contested, 'Ready')?.status, 'False', what)
    t.is(conditionOf(contested, 'Available')?.status, world.available, what)
    t.is(contested.status?.phase, world.phase, what)
  } finally {
    await end()
  }
  await scene.when(tenant, world.isWell, { describe: `${what} to be as it should be` })
  const after = await objectOf(tenant, thing)
  t.deepEqual(contentOf(after), contentOf(before), what)
  if (thing.kind === 'Secret') return
  for (const { path } of changes) t.deepEqual(valueAt(after, path), valueAt(before, path), what)
}

/** The apiserver hears of a policy a moment after it is there. */
function whenContested(tenant: Tenant, each: Case, { provoke }: World, what: string): Promise<Tenant> {
  return eventually(
    async () => {
      await provoke(tenant, each).catch(() => undefined)
      return scene.when(tenant, (now) => isContested(now, each), { timeout: 5_000 })
    },
    { timeout: 180_000, describe: `${what} to be contested` },
  )
}

/** Each by that field, or a part of it. */
function isContested(tenant: Tenant, { thing: { kind, name }, changes }: Case): boolean {
  const condition = conditionOf(tenant, kind === 'Secret' ? 'DatabaseReady' : 'NamespaceReady')
  if (condition?.reason !== 'Contested') return false
  const sentences = condition.message.split('The field ')
  const object = `of the ${kind} ${name(tenant.status?.namespace ?? '')} `
  return changes.every(({ path }) =>
    sentences.some((each) => each.startsWith(fieldName(path)) && each.includes(object) && by.test(each)),
  )
}

const by = /: an admission plugin changes what Tenantry writes/

/** All but what everybody may add to; of a Secret without its password, which is made up anew where it was changed. */
function contentOf(object: Stored | undefined): unknown {
  if (object === undefined) return undefined
  const { metadata: _, status: __, data, ...others } = object
  return { ...others, data: object.kind === 'Secret' ? Object.keys(data ?? {}).toSorted() : data }
}
