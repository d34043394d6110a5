/** Carries out one step, as people, other controllers or fate do: without waiting for what follows from it. */
import { ApiError } from '../../harness/api.ts'
import { actOnPerson } from './persons.ts'
import { annotated, apiVersion, group, namespaceOf, pathOf, tenantIn } from './places.ts'
import type { Scene } from './scene.ts'
import { slots } from './step.ts'
import type { Act } from './step.ts'

/** `done`, or why there was nothing to do or it was refused. */
export type Outcome = string

const refusals: ReadonlySet<number> = new Set([403, 404, 409, 422])

export async function carryOut(scene: Scene, act: Act): Promise<Outcome> {
  try {
    return (await perform(scene, act)) ?? 'done'
  } catch (error) {
    if (error instanceof ApiError && refusals.has(error.status))
      return `refused: ${/"message":"((?:[^"\\]|\\.)*)/.exec(error.message)?.[1] ?? error.message}`
    throw error
  }
}

async function perform(scene: Scene, act: Act): Promise<Outcome | undefined> {
  if ('person' in act) return actOnPerson(scene, act)
  if ('slot' in act) return actOnTenant(scene, act)
  await disturb(scene, act)
  return undefined
}

async function disturb(scene: Scene, act: Exclude<Act, { readonly slot: string }>): Promise<void> {
  const { api, installation } = scene.world
  switch (act.kind) {
    case 'kill':
      return scene.kill()
    case 'postgres':
      return scene.stopPostgres(act.mode, act.for)
    case 'mail':
      return scene.stopMail(act.for)
    case 'plan': {
      const spec = { quota: { pods: String(act.pods) } }
      await api.send('PATCH', `${group}/tenantplans/${installation.plan}`, { spec })
    }
  }
}

type TenantAct = Exclude<Extract<Act, { readonly slot: string }>, { readonly person: unknown }>

async function actOnTenant(scene: Scene, act: TenantAct): Promise<Outcome | undefined> {
  const patch = (body: object) => scene.world.api.send('PATCH', pathOf(scene, act.slot), body)
  switch (act.kind) {
    case 'declare':
      return declare(scene, act)
    case 'state':
      return void (await patch({ spec: { state: act.state } }))
    case 'purge':
      return purge(scene, act.slot)
    case 'expire':
      return void (await patch({ spec: { expiresAt: dates[act.when]() } }))
    case 'rename':
      return void (await patch({ spec: { cloudId: act.to } }))
    case 'swap':
      return swap(scene, act.slot, act.other)
    case 'rotate':
      return void (await patch({ metadata: annotated('rotate-requested-at', `${scene.memory.next()}`) }))
    case 'limit':
      return void (await patch({ spec: { database: { connectionLimit: act.connections } } }))
    case 'deleteChild':
      return deleteChild(scene, act.slot, act.child)
    case 'deleteNamespace':
      return deleteNamespace(scene, act.slot)
    case 'delete':
    case 'retain':
      return remove(scene, act.slot, act.kind === 'retain')
  }
}

const dates = {
  past: () => '2020-01-01T00:00:00Z',
  soon: () => new Date(Date.now() + 2500).toISOString().replace(/\.\d+/, ''),
  never: () => null,
}

async function declare(scene: Scene, act: TenantAct & { readonly kind: 'declare' }): Promise<Outcome | undefined> {
  const { world, memory } = scene
  const { slot, isolation, provisioning } = act
  const under = slots.find(({ name }) => name === slot)?.under
  if (under !== undefined) await tenantIn(scene, under)
  const namespace = namespaceOf(scene, slot)
  const kept = act.adopt ? await keptOf(scene, slot) : undefined
  const tenant = await world.api.send('POST', `${group}/namespaces/${namespace}/tenants`, {
    apiVersion,
    kind: 'Tenant',
    metadata: { name: slot, ...(kept === undefined ? {} : annotated('adopt', kept)) },
    spec: {
      displayName: `Random & Sons ${slot}`,
      type: slots.find(({ name }) => name === slot)?.type,
      provisioning,
      database: { isolation },
    },
  })
  memory.declared.set(tenant.metadata.uid, slot)
  return kept === undefined ? undefined : `done, asking for ${kept}`
}

/** The uid of what a Tenant of this slot has left: by the claims, as the how-to says. */
async function keptOf({ world, memory }: Scene, slot: string): Promise<string | undefined> {
  const claims = await world.api.list(`/api/v1/namespaces/${world.installation.namespace}/configmaps`)
  const tenants = await world.api.list(`${group}/tenants`)
  return claims
    .filter(({ data }) => data?.['kind'] === 'CloudId')
    .flatMap(({ data }) => data?.['uid'] ?? [])
    .filter((uid) => memory.declared.get(uid) === slot)
    .find((uid) => memory.mayKeep.has(uid) && !tenants.some(({ metadata }) => metadata.uid === uid))
}

async function purge(scene: Scene, slot: string): Promise<undefined> {
  const tenant = await scene.world.api.send('PATCH', pathOf(scene, slot), {
    metadata: annotated('skip-final-dump', slot),
    spec: { state: 'Archived', archive: { retention: '1s' } },
  })
  scene.memory.mayPurge.add(tenant.metadata.uid)
}

async function swap(scene: Scene, one: string, other: string): Promise<Outcome | undefined> {
  const pair = [await tenantIn(scene, one), await tenantIn(scene, other)] as const
  const [first, second] = pair.map((tenant) => tenant?.status?.['cloudId'])
  if (one === other || typeof first !== 'string' || typeof second !== 'string') return 'nothing to do'
  const { api } = scene.world
  await Promise.all([
    api.send('PATCH', pathOf(scene, one), { spec: { cloudId: second } }),
    api.send('PATCH', pathOf(scene, other), { spec: { cloudId: first } }),
  ])
  return undefined
}

const apis: Readonly<Record<string, string>> = {
  networkpolicies: '/apis/networking.k8s.io/v1',
  rolebindings: '/apis/rbac.authorization.k8s.io/v1',
}

async function deleteChild(scene: Scene, slot: string, child: string): Promise<Outcome | undefined> {
  const namespace = (await tenantIn(scene, slot))?.status?.['namespace']
  if (typeof namespace !== 'string') return 'nothing to do'
  const root = apis[child.split('/')[0] ?? ''] ?? '/api/v1'
  await scene.world.api.send('DELETE', `${root}/namespaces/${namespace}/${child}`)
  return undefined
}

/** With the break-glass annotation. What lies in it goes with it, and was not meant: its data may stay. */
async function deleteNamespace(scene: Scene, slot: string): Promise<Outcome | undefined> {
  const { api } = scene.world
  const tenant = await tenantIn(scene, slot)
  const namespace = tenant?.status?.['namespace']
  if (typeof namespace !== 'string') return 'nothing to do'
  const path = `/api/v1/namespaces/${namespace}`
  await api.send('PATCH', path, { metadata: annotated('allow-deletion', namespace) })
  await rememberInside(scene, namespace)
  await api.send('DELETE', path)
  await rememberInside(scene, namespace)
  return undefined
}

async function rememberInside({ world, memory }: Scene, namespace: string): Promise<void> {
  for (const kind of ['tenants', 'tenantadmins']) {
    const inside = await world.api.list(`${group}/namespaces/${namespace}/${kind}`)
    for (const { metadata } of inside) memory.mayKeep.add(metadata.uid)
  }
}

async function remove(scene: Scene, slot: string, retain: boolean): Promise<undefined> {
  const { api } = scene.world
  const { memory } = scene
  const path = pathOf(scene, slot)
  if (retain) {
    const { metadata } = await api.send('PATCH', path, { spec: { deletion: { policy: 'Retain' } } })
    memory.mayKeep.add(metadata.uid)
    if (metadata.deletionTimestamp === undefined) memory.mustKeep.add(metadata.uid)
  }
  const { metadata } = await api.send('DELETE', path)
  if (typeof metadata.uid === 'string') memory.deleted.add(metadata.uid)
}
