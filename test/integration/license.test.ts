/** License keys on the real servers: what is good, what is not, and that nothing is taken away. */
import { readFile } from 'node:fs/promises'
import test from 'ava'
import { licenseSecretType } from '../../operator/api/names.ts'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { License } from '../../operator/license/license.ts'
import { harness } from '../harness/context.ts'
import { quickest } from '../harness/quickest.ts'
import { issuer } from '../licenses.ts'
import {
  bindingOf,
  conditionOf,
  isReady,
  logsIn,
  namespaceOf,
  openScene,
  paths,
  tenantName,
  waitsFor,
} from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

/** Milliseconds until a Secret that changes is followed. */
const limit = 10_000

const inAYear = () => Date.now() + 365 * 86_400_000

/** A license key that the shared operator takes, unless another issuer gives it. */
const keyFor = (cloudId: string, over: Partial<License> = {}, by = issuer(harness().operator.licenseKey)) =>
  by.issue({ cloudId, issuedAt: Date.now(), expiresAt: inAYear(), ...over })

const at = ({ metadata }: Tenant) => paths.tenant(metadata.namespace ?? '', metadata.name)
const license = (tenant: Tenant, key: string) => scene.change(at(tenant), { spec: { license: { key } } })
const says = (status: string, reason: string) => (tenant: Tenant) => {
  const condition = conditionOf(tenant, 'LicenseValid')
  return condition?.status === status && condition.reason === reason
}

async function licensed(spec: object, over: Partial<License> = {}): Promise<Tenant> {
  const name = tenantName()
  return scene.declare({ ...spec, license: { key: await keyFor(name, over) } }, { name })
}

test('An MSP has as many customers as its license is for, the oldest first, and more with a new key', async (t) => {
  t.timeout(300_000)
  const msp = await scene.when(await licensed({ type: 'MSP' }, { customers: 2 }), isReady)
  t.is(msp.status?.license?.customers, 2)
  t.true(says('True', 'Valid')(msp))
  const namespace = namespaceOf(msp)
  const first = await scene.when(await scene.declare({}, { namespace }), isReady)
  const second = await scene.when(await scene.declare({}, { namespace }), isReady)
  const third = await scene.when(await scene.declare({}, { namespace }), waitsFor('CustomerLimitReached'))
  t.regex(conditionOf(third, 'Stalled')?.message ?? '', /limit of customers of its license \(2\)/)
  t.is(third.status?.namespace, undefined)
  const exceeded = await scene.when(msp, says('False', 'LicenseExceeded'))
  t.is(conditionOf(exceeded, 'Available')?.status, 'True')
  await license(msp, await keyFor(msp.metadata.name, { customers: 3 }))
  await scene.when(third, isReady)
  await scene.when(msp, says('True', 'Valid'))
  // A license for fewer takes nobody's place away.
  await license(msp, await keyFor(msp.metadata.name, { customers: 1 }))
  await scene.when(msp, says('False', 'LicenseExceeded'))
  for (const customer of [first, second, third]) t.true(isReady(await scene.when(customer, isReady)))
})

test('An expired license turns the tenant off, and a new key brings it back with all it had', async (t) => {
  t.timeout(300_000)
  const tenant = await scene.when(await licensed({}), isReady)
  const binding = await bindingOf(scene, tenant)
  t.true(await logsIn(binding))
  await license(tenant, await keyFor(tenant.metadata.name, { expiresAt: Date.now() + 5_000 }))
  const expired = await scene.when(tenant, ({ status }) => status?.phase === 'Expired')
  t.true(says('False', 'LicenseExpired')(expired))
  await scene.when(tenant, (each) => conditionOf(each, 'Ready')?.reason === 'Expired')
  t.false(await logsIn(binding))
  await license(tenant, 'garbage')
  const kept = await scene.when(tenant, says('False', 'LicenseInvalid'))
  t.is(kept.status?.phase, 'Expired')
  await license(tenant, await keyFor(tenant.metadata.name))
  await scene.when(tenant, isReady)
  t.deepEqual(await bindingOf(scene, tenant), binding)
  t.true(await logsIn(binding))
})

test('A license that is no good from the start keeps the tenant from being made', async (t) => {
  t.timeout(240_000)
  const name = tenantName()
  const cases: readonly (readonly [string, string])[] = [
    [await keyFor(tenantName()), 'LicenseForeign'],
    [await keyFor(name, {}, issuer()), 'LicenseInvalid'],
    [`${await keyFor(name)}x`, 'LicenseInvalid'],
    [await keyFor(name, { notBefore: inAYear() - 1 }), 'LicenseInvalid'],
    [await keyFor(name, { issuedAt: 0, expiresAt: 1_000 }), 'LicenseExpired'],
  ]
  const tenant = await scene.declare({ license: { key: 'garbage' } }, { name })
  await scene.when(tenant, says('False', 'LicenseInvalid'))
  for (const [key, reason] of cases) {
    const { generation = 0 } = (await license(tenant, key)).metadata
    const settled = await scene.when(
      tenant,
      (each) => each.status?.observedGeneration === generation && says('False', reason)(each),
    )
    t.is(settled.status?.namespace, undefined, reason)
    t.false(JSON.stringify(settled.status).includes(key.slice(-40)))
  }
  await license(tenant, await keyFor(name))
  await scene.when(tenant, isReady)
})

test('The Secret of a license: waited for, followed when it changes, and nothing of it told', async (t) => {
  t.timeout(300_000)
  const name = tenantName()
  const secret = (key: string, type: string = licenseSecretType) =>
    ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, stringData: { license: key } }) as const
  const collection = paths.secret(scene.home, '').replace(/\/$/, '')
  const tenant = await scene.declare({ license: { secretRef: { name } } }, { name })
  const waiting = await scene.when(tenant, waitsFor('SecretNotFound'))
  t.is(conditionOf(waiting, 'Stalled'), undefined)
  await scene.api.send('POST', collection, secret('x', 'Opaque'))
  await scene.when(tenant, says('False', 'LicenseInvalid'))
  await scene.api.send('DELETE', paths.secret(scene.home, name))
  const key = await keyFor(name)
  await scene.api.send('POST', collection, secret(key))
  await scene.when(tenant, isReady)
  const replaced = (other: string) => scene.change(paths.secret(scene.home, name), { stringData: { license: other } })
  const isForeign = says('False', 'LicenseForeign')
  const took = await quickest(limit, async () => {
    await replaced(key)
    await scene.when(tenant, (each) => isReady(each) && says('True', 'Valid')(each))
    const start = performance.now()
    await replaced(await keyFor('another'))
    await scene.when(tenant, isForeign)
    return performance.now() - start
  })
  t.true(took < limit, `it took ${Math.round(took)} ms`)
  const foreign = await scene.when(tenant, isForeign)
  t.is(conditionOf(foreign, 'Stalled')?.reason, 'LicenseForeign')
  t.is(conditionOf(foreign, 'Available')?.status, 'True')
  await scene.api.send('DELETE', paths.secret(scene.home, name))
  const gone = await scene.when(tenant, says('False', 'SecretNotFound'))
  t.deepEqual([conditionOf(gone, 'Stalled'), conditionOf(gone, 'Available')?.status], [undefined, 'True'])
  await scene.api.send('POST', collection, secret(key))
  await scene.when(tenant, isReady)
  t.false((await readFile(harness().operator.logPath, 'utf8')).includes(key.slice(-40)))
})
