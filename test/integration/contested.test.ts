/** Who writes a field that is Tenantry's again and again is named, and is answered with growing pauses. */
import test from 'ava'
import { harness } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { valueAt } from './mutating.ts'
import {
  bindingOf,
  conditionOf,
  databaseOf,
  elapsed,
  isReady,
  logsIn,
  namespaceOf,
  openScene,
  paths,
} from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

test.serial(
  'Who edits the quota all the time is named, is answered by a few writes, and it ends when that stops',
  async (t) => {
    t.timeout(400_000)
    const { cluster, operator } = harness()
    const tenant = await scene.provisioned()
    const namespace = namespaceOf(tenant)
    const mark = await cluster.auditLog?.mark()
    const quota = paths.quota(namespace)
    const edits = await editedFor(12_000, 100, (round) =>
      scene.change(quota, { spec: { hard: { pods: String(100 + round) } } }),
    )
    const contested = await scene.when(tenant, (each) => conditionOf(each, 'Ready')?.reason === 'Contested')
    const message = conditionOf(contested, 'NamespaceReady')?.message ?? ''
    t.regex(message, /The field spec\.hard\.pods of the ResourceQuota tenantry-quota .* should be "50" and is "\d+"/)
    t.regex(message, /tenantry-test \(Update\) changes it repeatedly/)
    t.is(conditionOf(contested, 'Available')?.status, 'True')
    const own = ((await cluster.auditLog?.writes(mark)) ?? []).filter(({ user }) => user === operator.user)
    const answers = own.filter(({ resource, namespace: where }) => resource === 'resourcequotas' && where === namespace)
    t.true(answers.length > 2, 'none in the audit log')
    const told = own.filter(({ resource, name }) => resource === 'tenants' && name === tenant.metadata.name)
    t.true(answers.length <= 12, `${answers.length} answers to ${edits} edits`)
    t.true(told.length <= 3, `${told.length} statuses`)
    const again = await scene.when(tenant, isReady)
    t.is(conditionOf(again, 'Stalled'), undefined)
    t.is(valueAt(await scene.api.get(quota), ['spec', 'hard', 'pods']), '50')
  },
)

test.serial('A NetworkPolicy that somebody opens again and again is closed within seconds each time', async (t) => {
  t.timeout(400_000)
  const tenant = await scene.provisioned()
  const policy = paths.networkPolicy(namespaceOf(tenant))
  const before = JSON.stringify((await scene.api.get(policy))?.spec)
  for (let round = 0; round < 10; round += 1) {
    await scene.change(policy, { spec: { ingress: [{}] } })
    const isBack = async () => JSON.stringify((await scene.api.get(policy))?.spec) === before
    const took = await elapsed(isBack, 'the NetworkPolicy to be closed')
    t.true(took < 15_000, `round ${round}: ${Math.round(took)} ms`)
  }
  const contested = await scene.when(tenant, (each) => conditionOf(each, 'Ready')?.reason === 'Contested')
  t.regex(conditionOf(contested, 'NamespaceReady')?.message ?? '', /spec\.ingress of the NetworkPolicy .*tenantry-test/)
  await scene.when(tenant, isReady)
})

test.serial(
  'What somebody undoes in PostgreSQL at each look is told with its statement, and it ends when that stops',
  async (t) => {
    t.timeout(400_000)
    const { postgres } = harness()
    const tenant = await scene.provisioned()
    const { a } = databaseOf(tenant)
    const isWell = async () =>
      (await postgres.query(`SELECT FROM pg_roles WHERE rolname = '${a}' AND rolcanlogin`)).length === 1
    const contested = await eventually(
      async () => {
        await postgres.query(`ALTER ROLE ${a} NOLOGIN`)
        await eventually(isWell, { timeout: 20_000, describe: 'the login to be let in' })
        return scene.when(tenant, (each) => conditionOf(each, 'DatabaseReady')?.reason === 'Contested', {
          timeout: 1_000,
        })
      },
      { timeout: 120_000, describe: 'the role to be contested' },
    )
    t.regex(
      conditionOf(contested, 'DatabaseReady')?.message ?? '',
      new RegExp(`by the statement ALTER ROLE "?${a}"? WITH LOGIN`),
    )
    t.is(conditionOf(contested, 'Ready')?.reason, 'Contested')
    t.is(conditionOf(contested, 'Available')?.status, 'True')
    t.true(await logsIn(await bindingOf(scene, tenant)))
    await scene.when(tenant, isReady)
  },
)

/** As fast as the apiserver answers, for so many milliseconds and so often at least; how often. */
async function editedFor(duration: number, least: number, edit: (round: number) => Promise<unknown>): Promise<number> {
  const end = performance.now() + duration
  let rounds = 0
  while (performance.now() < end || rounds < least) await edit((rounds += 1))
  return rounds
}
