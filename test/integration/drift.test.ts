/**
 * What somebody deletes, edits or strips of its marks in a tenant's namespace is put back, each within two seconds. One
 * after the other, as time is measured.
 */
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { Stored } from '../harness/api.ts'
import { eventually } from '../harness/wait.ts'
import { toldAs } from './told-as.ts'
import {
  bindingOf,
  conditionOf,
  isReady,
  waitsFor,
  logsIn,
  mended,
  namespaceOf,
  openScene,
  paths,
} from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

/** Milliseconds. */
const limit = 2000

let scene: Scene & AsyncDisposable
test.before(async () => void (scene = await openScene()))
test.after.always(() => scene?.[Symbol.asyncDispose]())

interface Child {
  readonly kind: string
  readonly path: (namespace: string) => string
  /** What somebody might write into it, as merge patches. */
  readonly edits: Readonly<Record<string, object>>
}

const children: readonly Child[] = [
  {
    kind: 'NetworkPolicy',
    path: paths.networkPolicy,
    edits: {
      'lets everybody in': { spec: { ingress: [{}] } },
      'is for egress only': { spec: { policyTypes: ['Egress'] } },
      'is for other pods': { spec: { podSelector: { matchLabels: { none: 'such' } } } },
    },
  },
  {
    kind: 'ResourceQuota',
    path: paths.quota,
    edits: {
      'allows more pods': { spec: { hard: { pods: '9999' } } },
      'forgets load balancers': { spec: { hard: { 'services.loadbalancers': null } } },
    },
  },
  {
    kind: 'LimitRange',
    path: paths.limits,
    edits: {
      'is empty': { spec: { limits: [] } },
      'has another default': { spec: { limits: [{ type: 'Container', default: { memory: '4Gi' } }] } },
    },
  },
  {
    kind: 'RoleBinding',
    path: (namespace) => paths.roleBinding(namespace, 'tenantry-admins'),
    edits: {
      'binds a stranger too': {
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'stranger@example.com' }],
      },
      'binds nobody': { subjects: null },
    },
  },
  {
    kind: 'Secret',
    path: (namespace) => paths.secret(namespace),
    edits: {
      'names another database': { data: { database: Buffer.from('postgres').toString('base64') } },
      'has lost its host': { data: { host: null } },
      'has something more': { data: { more: Buffer.from('x').toString('base64') } },
    },
  },
]

const marks = ['app.kubernetes.io/managed-by', 'tenantry.dev/installation', 'tenantry.dev/tenant-uid']

/** What matters of it: all but the bookkeeping of the apiserver. */
function content({ metadata, status: _status, ...rest }: Stored): object {
  return { ...rest, labels: metadata.labels, annotations: metadata.annotations }
}

/** A tenant with an accepted admin, so that every kind of child is there. */
async function complete(): Promise<Tenant> {
  const tenant = await scene.declare()
  const admin = await scene.declareAdmin(tenant)
  await scene.accept(admin)
  const ready = await scene.when(tenant, isReady)
  for (const { kind, path } of children) {
    const there = async () => (await scene.api.get(path(namespaceOf(ready)))) !== undefined
    await eventually(there, { timeout: 30_000, describe: `the ${kind}` })
  }
  return ready
}

async function read(path: string): Promise<Stored> {
  const object = await scene.api.get(path)
  if (object === undefined) throw new Error(`There is nothing at ${path}.`)
  return object
}

test.serial('Everything in a tenant’s namespace that is edited is as it was within two seconds', async (t) => {
  t.timeout(300_000)
  const namespace = namespaceOf(await complete())
  for (const { kind, path, edits } of children) {
    const before = content(await read(path(namespace)))
    for (const [what, patch] of Object.entries(edits)) {
      const spoil = async () => {
        const edited = await scene.change(path(namespace), patch)
        t.notDeepEqual(content(edited), before, `a ${kind} that ${what}`)
      }
      const isBack = async () => isDeepStrictEqual(content(await read(path(namespace))), before)
      const took = await mended(limit, spoil, isBack, `the ${kind} that ${what} to be mended`)
      t.true(took < limit, `a ${kind} that ${what} took ${Math.round(took)} ms`)
    }
  }
})

test.serial('Everything in a tenant’s namespace that is deleted is there again within two seconds', async (t) => {
  t.timeout(300_000)
  const namespace = namespaceOf(await complete())
  for (const { kind, path } of children) {
    let before = await read(path(namespace))
    const remove = async () => {
      before = await read(path(namespace))
      await scene.api.send('DELETE', path(namespace))
    }
    const isBack = async () => {
      const now = await scene.api.get(path(namespace))
      return now !== undefined && now.metadata.uid !== before.metadata.uid
    }
    const took = await mended(limit, remove, isBack, `the ${kind} to be back`)
    t.true(took < limit, `a ${kind} took ${Math.round(took)} ms`)
    const after = await read(path(namespace))
    if (kind === 'Secret') t.deepEqual(Object.keys(after.data ?? {}), Object.keys(before.data ?? {}))
    else t.deepEqual(content(after), content(before), kind)
  }
})

test.serial(
  'Without a mark, or without all of them, it is still the tenant’s, and has them back within two seconds',
  async (t) => {
    t.timeout(300_000)
    const namespace = namespaceOf(await complete())
    for (const { kind, path } of children) {
      const before = content(await read(path(namespace)))
      for (const stripped of [...marks.map((mark) => [mark]), marks]) {
        const labels = Object.fromEntries(stripped.map((mark) => [mark, null]))
        const took = await mended(
          limit,
          () => scene.change(path(namespace), { metadata: { labels } }),
          async () => {
            const now = await scene.api.get(path(namespace))
            return marks.every((mark) => now?.metadata.labels?.[mark] !== undefined)
          },
          `the ${kind} to have ${stripped.join(', ')} again`,
        )
        t.deepEqual(content(await read(path(namespace))), before, kind)
        t.true(took < limit, `a ${kind} without ${stripped.join(', ')} took ${Math.round(took)} ms`)
      }
    }
  },
)

test.serial('The namespace gets its labels and its Pod Security back, and keeps the labels of others', async (t) => {
  const tenant = await scene.provisioned()
  const path = paths.namespace(namespaceOf(tenant))
  const { metadata } = await read(path)
  const foreign = { team: 'blue' }
  for (const [label, value] of [
    ['pod-security.kubernetes.io/enforce', 'privileged'],
    ['pod-security.kubernetes.io/enforce', null],
    ['tenantry.dev/tenant-type', null],
    ['tenantry.dev/cloud-id', 'another'],
  ] as const) {
    const relabel = () => scene.change(path, { metadata: { labels: { ...foreign, [label]: value } } })
    const isBack = async () => {
      const now = await scene.api.get(path)
      return now?.metadata.labels?.[label] === metadata.labels?.[label]
    }
    const took = await mended(limit, relabel, isBack, `the namespace's label ${label}`)
    t.true(took < limit, `${label} took ${Math.round(took)} ms`)
    t.deepEqual((await read(path)).metadata.labels, { ...metadata.labels, ...foreign })
  }
})

test.serial(
  'A namespace that has lost its mark is nobody’s: the tenant says so, nothing in it is touched until the mark is back',
  async (t) => {
    const tenant = await scene.provisioned()
    const path = paths.namespace(namespaceOf(tenant))
    const { metadata } = await read(path)
    const mark = (value: string | null) =>
      scene.change(path, { metadata: { labels: { 'tenantry.dev/tenant-uid': value } } })
    await mark(null)
    const conflict = await scene.when(tenant, waitsFor('NamespaceConflict'))
    t.is(conditionOf(conflict, 'Stalled')?.reason, 'NamespaceConflict')
    t.is((await read(path)).metadata.labels?.['tenantry.dev/tenant-uid'], undefined)
    await mark(tenant.metadata.uid ?? '')
    await scene.when(tenant, isReady)
    t.deepEqual((await read(path)).metadata.labels, metadata.labels)
  },
)

test.serial(
  'A binding Secret that was deleted has a new password: it logs in, and the old one does not any more',
  async (t) => {
    const tenant = await scene.provisioned()
    const old = await bindingOf(scene, tenant)
    t.true(await logsIn(old))
    const remove = () => scene.api.send('DELETE', paths.secret(namespaceOf(tenant)))
    const works = async () => logsIn(await bindingOf(scene, tenant))
    const took = await mended(limit, remove, works, 'the new Secret to log in')
    t.true(took < limit, `it took ${Math.round(took)} ms`)
    t.not((await bindingOf(scene, tenant))['password'], old['password'])
    t.false(await logsIn(old))
    await scene.when(tenant, isReady)
  },
)

for (const [what, password] of [
  ['one that could be a password', 'A_password-that-somebody-else-has-chosen-4711'],
  ['one that could not', 'short'],
] as const) {
  test.serial(`A binding Secret whose password was overwritten with ${what} logs in again`, async (t) => {
    const tenant = await scene.provisioned()
    let round = 0
    const overwrite = () => {
      const data = { password: Buffer.from(`${password}${(round += 1)}`).toString('base64') }
      return scene.change(paths.secret(namespaceOf(tenant)), { data })
    }
    const works = async () => {
      const binding = await bindingOf(scene, tenant)
      return binding['PGPASSWORD'] === binding['password'] && (await logsIn(binding))
    }
    const took = await mended(limit * 2, overwrite, works, 'the Secret to log in')
    t.true(took < limit * 2, `it took ${Math.round(took)} ms`)
    const binding = await bindingOf(scene, tenant)
    t.true(binding['uri']?.includes(`:${binding['password']}@`))
  })
}

test.serial(
  'A namespace that somebody deletes although they were warned is made again, with all that is in it',
  async (t) => {
    t.timeout(300_000)
    const tenant = await scene.provisioned()
    const path = paths.namespace(namespaceOf(tenant))
    await t.throwsAsync(scene.api.send('DELETE', path), {
      message: /metadata\.annotations must have tenantry\.dev\/allow/,
    })
    const { metadata } = await read(path)
    await scene.change(path, { metadata: { annotations: { 'tenantry.dev/allow-deletion': metadata.name } } })
    const held = `${path}/configmaps/held`
    const finalizers = ['example.com/held']
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', finalizers } }
    await scene.api.send('POST', `${path}/configmaps`, object)
    await scene.api.send('DELETE', path)
    toldAs(t, await scene.when(tenant, waitsFor('NamespaceTerminating')), 'NamespaceDeleted')
    await scene.change(held, { metadata: { finalizers: null } })
    const again = async () => {
      const now = await scene.api.get(path)
      return now !== undefined && now.metadata.uid !== metadata.uid
    }
    await eventually(again, { timeout: 120_000, describe: 'the namespace to be made again' })
    await eventually(async () => logsIn(await bindingOf(scene, tenant)), { timeout: 60_000, describe: 'a login' })
    await scene.when(tenant, isReady)
  },
)
