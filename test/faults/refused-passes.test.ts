/**
 * What ends a pass over an object of any kind, and is in no action of a Tenant, is told in its status: what a policy or
 * webhook refuses, and a bug.
 */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Stored } from '../harness/api.ts'
import { uniqueName } from '../harness/context.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { refuseByPolicy } from '../integration/refusing.ts'
import type { Refused } from '../integration/refusing.ts'
import { toldOfPass } from '../integration/told-as.ts'
import { refuseByWebhook } from '../integration/webhook.ts'
import {
  available,
  conditionOf,
  declareAdmin,
  declareTenant,
  edit,
  isReady,
  newName,
  pathOf,
  removeTenant,
  tenantOf,
} from './life.ts'

const ours = '/apis/tenantry.dev/v1alpha1'
const group = 'tenantry.dev'

let world: World
let operator: OperatorProcess
test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld()
  const env = { TENANTRY_MASQUERADE_RETENTION: '1s', TENANTRY_CATALOGUE_INTERVAL: '2s' }
  const entry = 'test/faults/operator-with-a-bug.ts'
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, entry, env })
})
test.after.always(async () => {
  await operator?.stop()
  await world?.[Symbol.asyncDispose]()
})

function when(path: string, check: (found: Stored | undefined) => boolean, describe: string): Promise<Stored> {
  return eventually(
    async () => {
      const found = await world.api.get(path)
      if (check(found)) return found ?? ({} as Stored)
      throw new Error(JSON.stringify(found?.status ?? 'no status'))
    },
    { timeout: 120_000, describe: `${path} ${describe}` },
  )
}

const stalled = (path: string, reason: string) =>
  when(path, (found) => conditionOf(found, 'Stalled')?.reason === reason, `to be Stalled for ${reason}`)
const isWell = (found: Stored | undefined) => isReady(found) && conditionOf(found, 'Stalled') === undefined
const well = (path: string) => when(path, isWell, 'to be Ready')

const one = (resource: string, name: string, operation: 'UPDATE' | 'DELETE', namespace = name): Refused => ({
  namespace,
  name,
  group,
  resource,
  operations: [operation],
})

/** Written once: attempts that fail in the same way leave it as it is. */
async function isQuiet(t: ExecutionContext, path: string, tries: () => number): Promise<void> {
  const before = (await world.api.get(path))?.metadata.resourceVersion
  const tried = tries()
  await eventually(() => tries() >= tried + 2, { timeout: 120_000, describe: 'two more tries' })
  t.is((await world.api.get(path))?.metadata.resourceVersion, before)
}

const inUse = 'tenantry.dev/in-use'
const isHeld = (found: Stored | undefined) => found?.metadata.finalizers?.includes(inUse) === true

test.serial(
  'a plan and a server that may not be held for their first tenant say so, and take it all the same',
  async (t) => {
    t.timeout(420_000)
    const [plan, server] = [`${ours}/tenantplans/standard`, `${ours}/databaseservers/main`]
    await well(server)
    const ofServer = one('databaseservers', 'main', 'UPDATE')
    const ofPlan = one('tenantplans', 'standard', 'UPDATE')
    const end = await refuseByPolicy(world.api, uniqueName('frozen'), ofServer, 'Frozen.')
    const webhook = await refuseByWebhook(world.api, uniqueName('guard'), ofPlan, 'Not today.')
    t.teardown(webhook.close)
    const name = newName()
    await declareTenant(world, name)
    const unheld = await stalled(server, 'ApiServerRefused')
    toldOfPass(t, unheld, 'RefusedByPolicy')
    const { message = '' } = conditionOf(unheld, 'Stalled') ?? {}
    t.regex(message, / Until then a deletion of the DatabaseServer does not wait for the Tenants that use it\.$/)
    t.true(conditionOf(unheld, 'Ready')?.message.endsWith(message))
    const told = await stalled(plan, 'ApiServerRefused')
    toldOfPass(t, told, 'RefusedByWebhook')
    t.regex(
      conditionOf(told, 'Ready')?.message ?? '',
      /refuses a request for the TenantPlan: .*denied the request: Not today\. .* a deletion of the TenantPlan does not wait/,
    )
    t.is(told.status?.['observedGeneration'], told.metadata.generation, 'it was tried before')
    await available(world, name)
    const counts = (found: Stored | undefined) => found?.status?.['tenants'] === 1
    const taken = await when(server, counts, 'to count its tenant, as its looks go on')
    t.is(conditionOf(taken, 'Ready')?.status, 'True')
    t.is(conditionOf(taken, 'Stalled')?.reason, 'ApiServerRefused')
    t.false(isHeld(taken))
    await isQuiet(t, plan, () => webhook.askedAt.length)
    await webhook.remove()
    await end()
    // An edit is tried at once; the next try would be two minutes away by now.
    await world.api.send('PATCH', plan, { spec: { quota: { pods: '60' } } })
    for (const path of [plan, server]) t.true(isHeld(await well(path)))

    const ends = await Promise.all(
      [ofServer, ofPlan].map((each) => refuseByPolicy(world.api, uniqueName('frozen'), each, 'Frozen.')),
    )
    await removeTenant(world, name)
    for (const path of [plan, server]) {
      const kept = await stalled(path, 'ApiServerRefused')
      toldOfPass(t, kept, 'RefusedByPolicy')
      t.regex(
        conditionOf(kept, 'Stalled')?.message ?? '',
        /Until then the \w+ keeps the finalizer tenantry\.dev\/in-use, although no Tenant uses it\.$/,
      )
    }
    t.is(conditionOf(await world.api.get(server), 'Ready')?.status, 'True')
    const next = newName()
    await declareTenant(world, next)
    await available(world, next)
    await removeTenant(world, next)
    await Promise.all(ends.map((each) => each()))
    for (const path of [plan, server])
      await when(path, (found) => isWell(found) && !isHeld(found), 'to be released and Ready')
  },
)

test.serial('an admin that a policy freezes says so, and is invited once it may be', async (t) => {
  t.timeout(300_000)
  const name = newName()
  const { home } = world.installation
  await declareTenant(world, name)
  const refused = one('tenantadmins', `${name}-ada`, 'UPDATE', home)
  const end = await refuseByPolicy(world.api, uniqueName('frozen'), refused, 'People are frozen.')
  await declareAdmin(world, name)
  const path = pathOf(world, `tenantadmins/${name}-ada`)
  const told = await stalled(path, 'ApiServerRefused')
  toldOfPass(t, told, 'RefusedByPolicy')
  t.is(told.status?.['observedGeneration'], told.metadata.generation)
  await end()
  t.regex(String((await well(path)).status?.['phase']), /Pending/)
})

test.serial('a masquerade that ended, and that a policy keeps, says so and goes once it may', async (t) => {
  t.timeout(300_000)
  const name = newName()
  await declareTenant(world, name)
  await available(world, name)
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const self = await world.api.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review)
  const { userInfo } = self.status as { readonly userInfo: { readonly username: string } } // of that kind
  const refused = one('accessgrants', `${name}-m`, 'DELETE', world.installation.home)
  const end = await refuseByPolicy(world.api, uniqueName('keep'), refused, 'Keep the records.')
  await world.api.send('POST', pathOf(world, 'accessgrants'), {
    apiVersion: 'tenantry.dev/v1alpha1',
    kind: 'AccessGrant',
    metadata: { name: `${name}-m` },
    spec: { type: 'Masquerade', tenantRef: { name }, username: userInfo.username, reason: 'T-1', duration: '1s' },
  })
  const path = pathOf(world, `accessgrants/${name}-m`)
  const told = await stalled(path, 'ApiServerRefused')
  toldOfPass(t, told, 'RefusedByPolicy')
  t.is(told.status?.['phase'], 'Ended')
  await end()
  await when(path, (found) => found === undefined, 'to be gone')
})

test.serial(
  'a bug in what is read of an Active tenant is told, takes nothing from it, and is over with its cause',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    await declareTenant(world, name)
    await available(world, name)
    await edit(world, name, { spec: { license: { secretRef: { name: 'bug' } } } })
    const path = pathOf(world, `tenants/${name}`)
    const told = await stalled(path, 'InternalError')
    toldOfPass(t, told, 'InternalError')
    t.is(told.status?.['phase'], 'Active')
    t.is(conditionOf(told, 'Available')?.status, 'True')
    await edit(world, name, { spec: { license: null } })
    await well(path)
  },
)

test.serial('so is one over an admin, whose tenant goes on', async (t) => {
  t.timeout(300_000)
  const name = newName()
  await declareTenant(world, name)
  await declareAdmin(world, name, { passwordSecretRef: { name: 'bug' } })
  const path = pathOf(world, `tenantadmins/${name}-ada`)
  toldOfPass(t, await stalled(path, 'InternalError'), 'InternalError')
  await available(world, name)
  t.is((await tenantOf(world, name))?.status?.['phase'], 'Active')
  await world.api.send('PATCH', path, { spec: { passwordSecretRef: null } })
  await well(path)
})
