/** What the apiserver has forgotten: the operator's watches cannot resume, and have to list anew. */
import test from 'ava'
import { startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { startWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'
import { violations } from './judged.ts'
import { accept, addressOf, available, declareAdmin, declareTenant, newName, pathOf, tenantOf } from './life.ts'

let world: World
let operator: OperatorProcess

test.before(async (t) => {
  t.timeout(300_000)
  world = await startWorld({ proxies: true })
  const apiPort = world.proxies?.api.port
  if (apiPort === undefined) throw new Error('the world has no proxies')
  operator = await startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, apiPort })
})
test.after.always(async () => {
  await operator?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

const secretOf = (name: string) => `/api/v1/namespaces/tenant-${name}/secrets/tenantry-database`
const uidAt = async (path: string): Promise<string | undefined> => (await world.api.get(path))?.metadata.uid

test.serial(
  'etcd is compacted while the operator is cut off: nothing is missed, and nothing is done twice',
  async (t) => {
    t.timeout(400_000)
    const [edited, robbed, leaving, coming, invited] = [newName(), newName(), newName(), newName(), newName()]
    for (const name of [edited, robbed, leaving]) await declareTenant(world, name)
    for (const name of [edited, robbed, leaving]) await available(world, name)
    await declareTenant(world, invited, { provisioning: 'OnAccept' })
    await declareAdmin(world, invited)
    await accept(world, invited)
    await available(world, invited)
    const before = await Promise.all([edited, robbed, leaving].map((name) => uidAt(secretOf(name))))
    const mark = await world.cluster.auditLog?.mark()

    await world.proxies?.api.disable()
    await world.api.send('PATCH', pathOf(world, `tenants/${edited}`), { spec: { state: 'Deactivated' } })
    await world.api.send('DELETE', secretOf(robbed))
    await world.api.send('DELETE', pathOf(world, `tenants/${leaving}`))
    await declareTenant(world, coming)
    await world.cluster.etcdClient?.compact()
    // Its watch cache remembers what etcd has forgotten.
    await world.cluster.restartApiServer()
    await world.proxies?.api.enable()

    await available(world, coming)
    const phaseOf = async (name: string) => (await tenantOf(world, name))?.status?.['phase']
    const limits = { timeout: 60_000, interval: 100 }
    await eventually(async () => (await phaseOf(edited)) === 'Deactivated', {
      ...limits,
      describe: 'the edit to be seen',
    })
    await eventually(() => uidAt(secretOf(robbed)), { ...limits, describe: 'the Secret to be made anew' })
    await eventually(async () => (await tenantOf(world, leaving)) === undefined, {
      ...limits,
      describe: 'the deletion',
    })
    const logs = await operator.logs()
    t.regex(logs, /too old for the server, listing again/)

    t.is(await uidAt(secretOf(edited)), before[0])
    t.not(await uidAt(secretOf(robbed)), before[1])
    const creations = ((await world.cluster.auditLog?.writes(mark)) ?? []).filter(
      ({ verb, resource, user }) => verb === 'create' && user === operator.user && resource === 'namespaces',
    )
    t.is(creations.length, 1, 'a namespace for the one that came, and for nobody else')
    const mails = (await world.mail.all()).filter(({ to }) => to.includes(addressOf(invited)))
    t.is(mails.length, 1)
    await world.api.send('PATCH', pathOf(world, `tenants/${edited}`), { spec: { state: 'Active' } })
    for (const name of [edited, robbed, coming]) await available(world, name)
    t.deepEqual(await violations(world, { logs }), [])
  },
)
