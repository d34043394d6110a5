/** What lies between the operator and its servers: connections that die in silence, answers that are lost. Measures time. */
import test from 'ava'
import { acceptInvite } from '../harness/invitee.ts'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { quickest } from '../harness/quickest.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import type { Proxy } from '../harness/toxiproxy.ts'
import { violations } from './judged.ts'
import {
  addressOf,
  adminOf,
  available,
  conditionOf,
  declareAdmin,
  declareTenant,
  newName,
  pathOf,
  remove,
  removeOne,
  tenantOf,
} from './life.ts'

let world: World
let operator: OperatorProcess
let proxies: { readonly postgres: Proxy; readonly api: Proxy }

test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld({ proxies: true })
  if (world.proxies === undefined) throw new Error('the world has no proxies')
  proxies = world.proxies
  operator = await startOperator({
    cluster: world.cluster,
    mail: world.mail,
    web: world.web,
    apiPort: proxies.api.port,
    env: { TENANTRY_REQUEST_TIMEOUT: '5s' },
  })
})
test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

/** While `work` runs: answers are swallowed and connections broken, again and again. */
async function whileAnswersAreLost<T>(proxy: Proxy, work: () => Promise<T>): Promise<T> {
  const ending = new AbortController()
  const pulses = (async () => {
    while (!ending.signal.aborted) {
      // What the server has committed is not heard of; then the connection ends.
      const heal = await proxy.toxic('limit_data', { bytes: 4096 })
      await proxy.cut()
      await eventually(() => ending.signal.aborted, { timeout: 400, interval: 20 }).catch(() => undefined)
      await heal()
      await eventually(() => ending.signal.aborted, { timeout: 600, interval: 20 }).catch(() => undefined)
    }
  })()
  try {
    return await work()
  } finally {
    ending.abort()
    await pulses
  }
}

/** Two at a time, at every moment of a pulse. */
const provisionSome = async (count: number): Promise<void> => {
  const names = Array.from({ length: count }, newName)
  for (const [index, name] of names.entries()) {
    await declareTenant(world, name)
    if (index % 2 === 1) await eventually(() => false, { timeout: 350 }).catch(() => undefined)
  }
  for (const name of names) await available(world, name, 120_000)
}

test.serial('answers of PostgreSQL are lost after the commit: every tenant is made, and nothing twice', async (t) => {
  t.timeout(300_000)
  await whileAnswersAreLost(proxies.postgres, () => provisionSome(12))
  t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
})

test.serial('PostgreSQL is slow: a tenant takes longer, and its people wait for nothing else', async (t) => {
  t.timeout(300_000)
  const heal = await proxies.postgres.toxic('latency', { latency: 500 })
  const slow = newName()
  await declareTenant(world, slow)
  const other = newName()
  await declareTenant(world, other, { provisioning: 'OnAccept' })
  await declareAdmin(world, other)
  await world.mail.waitFor(({ to }) => to.includes(addressOf(other)), { timeout: 60_000 })
  const began = performance.now()
  await available(world, slow, 120_000)
  t.log(`made in ${Math.round(performance.now() - began)} ms, each answer half a second late`)
  await heal()
  t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
})

test.serial('PostgreSQL is too slow to be waited for: the tenant says so, and it heals by itself', async (t) => {
  t.timeout(300_000)
  const heal = await proxies.postgres.toxic('latency', { latency: 60_000 })
  const name = newName()
  await declareTenant(world, name)
  const said = await eventually(
    async () => {
      const condition = conditionOf(await tenantOf(world, name), 'DatabaseReady')
      return condition?.reason === 'DatabaseUnavailable' ? condition : undefined
    },
    { timeout: 90_000, describe: 'the condition to tell of the trouble' },
  )
  t.regex(said.message, /did not answer in time/)
  t.is((await operator.probe('/readyz')).status, 200)
  await heal()
  const healed = performance.now()
  await available(world, name, 60_000)
  t.log(`${said.message} Healed after ${Math.round(performance.now() - healed)} ms.`)
  t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
})

test.serial(
  'answers of the apiserver are lost after the commit: every tenant is made, and nothing twice',
  async (t) => {
    t.timeout(300_000)
    const names = Array.from({ length: 6 }, newName)
    await Promise.all(names.map((name) => declareTenant(world, name)))
    for (let pulse = 0; pulse < 6; pulse++) {
      const heal = await proxies.api.toxic('timeout', { timeout: 100 })
      await eventually(() => false, { timeout: 250 }).catch(() => undefined)
      await heal()
      await eventually(() => false, { timeout: 350 }).catch(() => undefined)
    }
    for (const name of names) await available(world, name, 90_000)
    t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
  },
)

async function declaredWhileCut(): Promise<string> {
  await proxies.api.disable()
  const name = newName()
  await declareTenant(world, name)
  return name
}

/** Milliseconds until this tenant is there. */
async function timeOf(name: string): Promise<number> {
  const from = performance.now()
  await available(world, name)
  return performance.now() - from
}

/** Milliseconds from the end of the cut until this tenant is there, but for what one takes on this machine at the time. */
async function timeToHeal(name: string): Promise<number> {
  await proxies.api.enable()
  const healed = await timeOf(name)
  const other = newName()
  await declareTenant(world, other)
  return healed - (await timeOf(other))
}

test.serial(
  'a watch that is reset catches up within 2 s, and knows what was deleted and made again meanwhile',
  async (t) => {
    t.timeout(300_000)
    const name = newName()
    await declareTenant(world, name)
    const admin = await declareAdmin(world, name)
    const { metadata } = await available(world, name)
    const toAda = ({ to }: { readonly to: readonly string[] }) => to.includes(addressOf(name))
    const invite = await world.mail.waitFor(toAda, { timeout: 60_000 })
    await proxies.api.disable()
    // By somebody who takes the finalizer off, so that it is gone before the operator hears of it.
    await removeOne(world, `tenantadmins/${name}-ada`)
    await world.api.send('PATCH', pathOf(world, `tenantadmins/${name}-ada`), { metadata: { finalizers: null } })
    const twin = await declareAdmin(world, name)
    t.not(twin.metadata.uid, admin.metadata.uid)
    await world.api.send('PATCH', pathOf(world, `tenants/${name}`), { spec: { displayName: 'Changed while cut' } })
    const added = newName()
    await declareTenant(world, added)
    const took = await quickest(2_000, async (round) => timeToHeal(round === 0 ? added : await declaredWhileCut()))
    t.log(`caught up ${Math.round(took)} ms after healing`)
    t.true(took < 2_000, `it took ${Math.round(took)} ms`)
    const observed = async () => {
      const tenant = await world.api.get(pathOf(world, `tenants/${name}`))
      return tenant?.status?.['observedGeneration'] === tenant?.metadata.generation
    }
    await eventually(observed, { timeout: 60_000, describe: 'the change to be observed' })
    t.is((await available(world, name)).metadata.uid, metadata.uid)
    const second = await world.mail.waitFor((mail) => toAda(mail) && mail.links[0] !== invite.links[0], {
      timeout: 60_000,
    })
    t.is(await acceptInvite(invite.links[0] ?? ''), 'dead')
    t.is(await acceptInvite(second.links[0] ?? ''), 'accepted')
    // Two people with one address, of whom one is gone, are not what is counted below.
    await remove(world, name)
    const gone = async () => (await adminOf(world, name)) === undefined
    await eventually(gone, { timeout: 60_000, describe: 'the admin to be gone' })
    t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
  },
)

test.serial(
  'a connection that dies in silence is noticed within 45 s, /readyz says so, and it heals by itself',
  async (t) => {
    t.timeout(300_000)
    const began = performance.now()
    const heal = [
      await proxies.api.toxic('timeout', { timeout: 0 }, { stream: 'downstream' }),
      await proxies.api.toxic('timeout', { timeout: 0 }, { stream: 'upstream' }),
    ]
    const unready = async () => {
      const { status, body } = await operator.probe('/readyz')
      return status === 200 ? undefined : body
    }
    const said = await eventually(unready, { timeout: 60_000, interval: 200, describe: '/readyz to say no' })
    const noticed = performance.now() - began
    t.log(`noticed after ${Math.round(noticed)} ms: ${said.trim().slice(0, 200)}`)
    t.true(noticed < 45_000, `noticed only after ${Math.round(noticed)} ms`)
    t.regex(said, /do not follow|watch|caches/)
    t.is((await operator.probe('/healthz')).status, 200, 'a cut network is no reason for a restart')
    for (const end of heal) await end()
    const name = newName()
    await declareTenant(world, name)
    await available(world, name, 60_000)
    await eventually(async () => (await operator.probe('/readyz')).status === 200, { timeout: 60_000 })
    t.deepEqual(await violations(world, { logs: await operator.logs() }), [])
  },
)
