/**
 * Who writes a field that is Tenantry's is named, and is answered with growing pauses; what is not so is never called in
 * place, whichever field of whichever object an admission policy changes.
 */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { fieldName } from '../../operator/tenant/differences.ts'
import { harness, uniqueName } from '../harness/context.ts'
import { eventually } from '../harness/wait.ts'
import { mutate, valueAt, writtenFields } from './mutating.ts'
import type { Mutation, Path } from './mutating.ts'
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

interface Kind {
  readonly kind: string
  readonly group: string
  readonly resource: string
  readonly name: (namespace: string) => string
  readonly path: (namespace: string) => string
}

const kinds: readonly Kind[] = [
  { kind: 'Namespace', group: '', resource: 'namespaces', name: (namespace) => namespace, path: paths.namespace },
  {
    kind: 'NetworkPolicy',
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
    name: () => 'tenantry-isolation',
    path: paths.networkPolicy,
  },
  {
    kind: 'RoleBinding',
    group: 'rbac.authorization.k8s.io',
    resource: 'rolebindings',
    name: () => 'tenantry-admins',
    path: (namespace) => paths.roleBinding(namespace, 'tenantry-admins'),
  },
  { kind: 'ResourceQuota', group: '', resource: 'resourcequotas', name: () => 'tenantry-quota', path: paths.quota },
  { kind: 'LimitRange', group: '', resource: 'limitranges', name: () => 'tenantry-limits', path: paths.limits },
  { kind: 'Secret', group: '', resource: 'secrets', name: () => 'tenantry-database', path: paths.secret },
  {
    kind: 'ConfigMap',
    group: '',
    resource: 'configmaps',
    name: () => 'tenantry-access',
    path: (namespace) => `/api/v1/namespaces/${namespace}/configmaps/tenantry-access`,
  },
]

/** What is written as a whole, and what the apiserver would not take any other value for: CEL by the end of the field. */
const values: readonly (readonly [RegExp, string])[] = [
  [/^spec\.podSelector$/, '{"matchLabels": {"none": "such"}}'],
  [/^spec\.policyTypes$/, '["Ingress"]'],
  [/^spec\.(ingress|egress|limits)$/, '[]'],
  [/^subjects$/, '[]'],
  [/^roleRef$/, '{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "tenantry-tenant-viewer"}'],
  [/^type$/, '"Opaque"'],
  [/^spec\.hard/, '"77"'],
  [/pod-security\.kubernetes\.io\/\w+-version"\]$/, '"v1.30"'],
  [/pod-security\.kubernetes\.io\/\w+"\]$/, '"privileged"'],
  [/^data\b/, `"${Buffer.from('other').toString('base64')}"`],
  [/^metadata/, '"other"'],
]

/** The apiserver changes these at a creation only. */
const fixed = /^(roleRef|type)$/

/**
 * Not these: without its mark, or with another's, an object is somebody else's, which is told as a conflict (see
 * conflict.test.ts and drift.test.ts); the name of a namespace is set by the apiserver itself.
 */
const left = /^metadata\.labels\["(tenantry\.dev\/(installation|tenant-uid)|kubernetes\.io\/metadata\.name)"\]$/

interface Case extends Pick<Kind, 'kind' | 'group' | 'resource' | 'name' | 'path'> {
  readonly field: Path
}

/** A tenant with all kinds of children. */
async function complete(): Promise<Tenant> {
  const tenant = await scene.declare()
  await scene.accept(await scene.declareAdmin(tenant))
  const ready = await scene.when(tenant, isReady)
  for (const { kind, path } of kinds)
    await eventually(async () => (await scene.api.get(path(namespaceOf(ready)))) !== undefined, { describe: kind })
  return ready
}

async function casesOf(tenant: Tenant): Promise<readonly Case[]> {
  const all = await Promise.all(
    kinds.map(async (each): Promise<readonly Case[]> => {
      const object = await scene.api.get(each.path(namespaceOf(tenant)))
      const fields = object === undefined ? [] : writtenFields(object)
      return fields.map((field) => ({ ...each, field }))
    }),
  )
  return all.flat().filter(({ field }) => !left.test(fieldName(field)))
}

const lanes = 8

test.serial(
  'Whichever field of whichever object a policy changes, the Tenant names it and is not Ready, until the policy goes',
  async (t) => {
    t.timeout(600_000)
    const tenants = await Promise.all(Array.from({ length: lanes }, complete))
    const [first] = tenants
    if (first === undefined) throw new Error('there is no tenant')
    const cases = await casesOf(first)
    t.deepEqual([...new Set(cases.map(({ kind }) => kind))].toSorted(), kinds.map(({ kind }) => kind).toSorted())
    t.true(cases.length > 40, `${cases.length} fields`)
    await Promise.all(
      tenants.map(async (tenant, lane) => {
        for (const [at, each] of cases.entries()) if (at % lanes === lane) await isTold(t, tenant, each)
      }),
    )
    t.log(`${cases.length} fields`)
  },
)

async function isTold(t: ExecutionContext, tenant: Tenant, { kind, group, resource, name, path, field }: Case) {
  const namespace = namespaceOf(tenant)
  const shown = fieldName(field)
  const what = `${shown} of the ${kind}`
  const value = values.find(([pattern]) => pattern.test(shown))?.[1]
  if (value === undefined) throw new Error(`there is no other value for ${what}`)
  const at = path(namespace)
  const mutation: Mutation = { kind, name: name(namespace), group, resource, namespace, path: field, value }
  const end = await mutate(scene, uniqueName('contest'), mutation)
  try {
    let touches = 0
    const contested = await eventually(
      async () => {
        // The apiserver hears of a policy a moment after it is there.
        const touch = { metadata: { annotations: { 'example.com/touched': String((touches += 1)) } } }
        await (fixed.test(shown) ? scene.api.send('DELETE', at) : scene.change(at, touch)).catch(() => undefined)
        return scene.when(tenant, (each) => isContested(each, kind, shown), { timeout: 3_000 })
      },
      { timeout: 60_000, describe: `${what} to be contested` },
    )
    t.is(conditionOf(contested, 'Ready')?.status, 'False', what)
    t.is(conditionOf(contested, 'Available')?.status, 'True', what)
    t.is(contested.status?.phase, 'Active', what)
  } finally {
    await end()
  }
  await scene.when(tenant, isReady, { timeout: 90_000, describe: `${what} to be as it should be` })
  const object = await scene.api.get(at)
  if (kind !== 'Secret') t.notDeepEqual(valueAt(object, field), undefined, what)
}

/** By that field, or a part of it. */
function isContested(tenant: Tenant, kind: string, field: string): boolean {
  const condition = conditionOf(tenant, kind === 'Secret' ? 'DatabaseReady' : 'NamespaceReady')
  if (condition?.reason !== 'Contested') return false
  const sentences = condition.message.split('The field ')
  return sentences.some((each) => each.startsWith(field) && each.includes(`of the ${kind} `) && by.test(each))
}

const by = /: an admission plugin changes what Tenantry writes/

test.serial(
  'Who edits the quota all the time is named, is answered by a few writes, and it ends when that stops',
  async (t) => {
    t.timeout(240_000)
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
    t.regex(message, /tenantry-test \(Update\) changes it again and again/)
    t.is(conditionOf(contested, 'Available')?.status, 'True')
    const own = ((await cluster.auditLog?.writes(mark)) ?? []).filter(({ user }) => user === operator.user)
    const answers = own.filter(({ resource, namespace: where }) => resource === 'resourcequotas' && where === namespace)
    t.true(answers.length > 2, 'none in the audit log')
    const told = own.filter(({ resource, name }) => resource === 'tenants' && name === tenant.metadata.name)
    t.true(answers.length <= 12, `${answers.length} answers to ${edits} edits`)
    t.true(told.length <= 3, `${told.length} statuses`)
    const again = await scene.when(tenant, isReady, { timeout: 120_000 })
    t.is(conditionOf(again, 'Stalled'), undefined)
    t.is(valueAt(await scene.api.get(quota), ['spec', 'hard', 'pods']), '50')
  },
)

test.serial('A NetworkPolicy that somebody opens again and again is closed within seconds each time', async (t) => {
  t.timeout(240_000)
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
  await scene.when(tenant, isReady, { timeout: 120_000 })
})

test.serial(
  'What somebody undoes in PostgreSQL at each look is told with its statement, and it ends when that stops',
  async (t) => {
    t.timeout(240_000)
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
    await scene.when(tenant, isReady, { timeout: 120_000 })
  },
)

/** As fast as the apiserver answers, for so many milliseconds and so often at least; how often. */
async function editedFor(duration: number, least: number, edit: (round: number) => Promise<unknown>): Promise<number> {
  const end = performance.now() + duration
  let rounds = 0
  while (performance.now() < end || rounds < least) await edit((rounds += 1))
  return rounds
}
