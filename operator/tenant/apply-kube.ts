/**
 * The actions on the Kubernetes API. What may be there already is read live before it is written, so that a stale cache
 * costs a read and not a write; what is there without our mark is left alone.
 */
import { finalizer, labels } from '../api/names.ts'
import { tenants } from '../api/tenant.ts'
import type { Tenant } from '../api/tenant.ts'
import type { Kube } from '../kube/port.ts'
import { configMaps, namespaces } from '../kube/resources.ts'
import type { Random } from '../runtime/clock.ts'
import { addFinalizer, removeFinalizer } from '../runtime/finalizer.ts'
import { fromKey, keyOf } from '../runtime/object.ts'
import { writeStatus } from '../runtime/status.ts'
import type { KubeAction } from './action.ts'
import type { Pass } from './apply.ts'
import { ensureBinding } from './apply-binding.ts'
import { deleteChild, ensureChild } from './apply-child.ts'
import { stopPods, wakeWorkloads } from './apply-workloads.ts'
import { adoptedClaim, claimObject } from './claims.ts'
import type { ClaimContent } from './claims.ts'
import { createOrGet, preconditionsOf, withPrecondition } from './live-object.ts'
import { bearsMark } from './marks.ts'
import { containsKeys } from './namespace.ts'
import { Occupied, Superseded } from './obstacles.ts'
import { claimView } from './sources.ts'

export interface KubePorts {
  readonly kube: Kube
  readonly random: Pick<Random, 'bytes'>
}

type Handlers = {
  readonly [Kind in KubeAction['kind']]: (
    action: Extract<KubeAction, { kind: Kind }>,
    pass: Pass,
    ports: KubePorts,
  ) => Promise<void>
}

const handlers: Handlers = {
  AddFinalizer: async (_, pass, { kube }) => {
    keep(pass, await addFinalizer(kube, tenants, tenantOf(pass), finalizer))
  },
  RemoveFinalizer: async (_, pass, { kube }) => {
    await removeFinalizer(kube, tenants, tenantOf(pass), finalizer)
    pass.tenant = undefined
  },
  Say: async ({ status }, pass, { kube }) => {
    keep(pass, await writeStatus(kube, tenants, tenantOf(pass), status))
  },
  Claim: ({ claim, fresh }, pass, { kube }) => takeClaim(claim, fresh, pass, kube),
  RecordPlacement: async ({ claim, server }, pass, { kube }) => {
    const key = { namespace: pass.operatorNamespace, name: claim }
    const held = await kube.get(configMaps, key)
    if (held === undefined || claimView(held).holder !== pass.identity.uid)
      throw new Superseded(`${claim} is not held any more`)
    const recorded = held.data?.['server']
    if (recorded !== undefined && recorded !== server) throw new Superseded(`${claim} records another server`)
    if (recorded === undefined) await kube.patch(configMaps, key, withPrecondition(held, { data: { server } }))
  },
  ReleaseClaim: async ({ claim }, pass, { kube }) => {
    const held = await kube.get(configMaps, { namespace: pass.operatorNamespace, name: claim })
    if (held === undefined || claimView(held).holder !== pass.identity.uid) return
    await kube.delete(configMaps, { namespace: pass.operatorNamespace, name: claim }, preconditionsOf(held))
  },
  MarkRetained: async ({ claim }, pass, { kube }) => {
    const key = { namespace: pass.operatorNamespace, name: claim }
    const held = await kube.get(configMaps, key)
    if (held === undefined || claimView(held).holder !== pass.identity.uid) return
    if (held.metadata.labels?.[labels.retained] === 'true') return
    await kube.patch(configMaps, key, withPrecondition(held, { metadata: { labels: { [labels.retained]: 'true' } } }))
  },
  AdoptClaim: ({ claim, from }, pass, { kube }) => adoptClaim(claim, from, pass, kube),
  EnsureNamespace: ({ object, fresh }, pass, { kube }) => ensureNamespace(object, fresh, pass, kube),
  DeleteNamespace: async ({ namespace, uid }, _, { kube }) => {
    await kube.delete(namespaces, { name: namespace }, { uid })
  },
  StopWorkloads: ({ namespace, stops }, pass, { kube }) => stopPods(namespace, stops, pass, kube),
  WakeWorkloads: ({ namespace, stamp }, pass, { kube }) => wakeWorkloads(namespace, stamp, pass, kube),
  EnsureBinding: ensureBinding,
  EnsureChild: ({ child, fresh }, pass, { kube }) => ensureChild(child, fresh, pass, kube),
  DeleteChild: ({ childKind, ...key }, _, { kube }) => deleteChild(childKind, key, kube),
}

/** Throws KubeError, {@link Occupied} or {@link Superseded}. */
export async function applyKubeAction<Kind extends KubeAction['kind']>(
  action: Extract<KubeAction, { kind: Kind }>,
  pass: Pass,
  ports: KubePorts,
): Promise<void> {
  const kind: Kind = action.kind
  await handlers[kind](action, pass, ports)
}

async function takeClaim(content: ClaimContent, fresh: boolean, pass: Pass, kube: Kube): Promise<void> {
  const object = claimObject(pass.identity, content, pass.operatorNamespace)
  const key = { namespace: pass.operatorNamespace, name: content.name }
  const found = await createOrGet(kube, configMaps, key, object, fresh)
  if (found === undefined) return
  const claim = claimView(found)
  if (claim.holder !== pass.identity.uid) throw occupiedClaim(content, claim.tenant)
  const { namespace, server } = content.data
  const differs = claim.namespace !== namespace || (server !== undefined && claim.server !== server)
  if (claim.kind === 'CloudId' && differs) throw new Superseded(`${content.name} records other names`)
}

function occupiedClaim({ data }: ClaimContent, holder: string): Occupied {
  const { kind, value } = data
  const host = `The host name ${value} is taken by another tenant. Give another subdomain in spec.subdomain.`
  if (kind === 'Host') return new Occupied('HostConflict', host, holder)
  const cloudId = `The Cloud ID ${value} is taken by another tenant. Give another one in spec.cloudId.`
  return new Occupied('CloudIdConflict', cloudId, holder)
}

/** Whether the earlier Tenant is really gone is asked live: a cache that has not heard of it must not give its data away. */
async function adoptClaim(name: string, from: string, pass: Pass, kube: Kube): Promise<void> {
  const key = { namespace: pass.operatorNamespace, name }
  const held = await kube.get(configMaps, key)
  const claim = held && claimView(held)
  if (held === undefined || claim === undefined) throw new Superseded(`${name} is gone`)
  if (claim.holder === pass.identity.uid) return
  if (claim.holder !== from) throw new Superseded(`${name} is held by somebody else`)
  const living = await kube.get(tenants, fromKey(claim.tenant))
  if (living?.metadata.uid === from)
    throw new Occupied(
      'AdoptionRefused',
      `The Tenant ${claim.tenant} is still there. Delete it first, with policy Retain.`,
    )
  await kube.patch(configMaps, key, withPrecondition(held, adoptedClaim(claim, pass.identity)))
}

type NamespaceObject = Extract<KubeAction, { kind: 'EnsureNamespace' }>['object']

async function ensureNamespace(wanted: NamespaceObject, fresh: boolean, pass: Pass, kube: Kube): Promise<void> {
  const { metadata } = wanted
  const { name } = metadata
  const found = await createOrGet(kube, namespaces, { name }, wanted, fresh)
  if (found === undefined) return
  if (!bearsMark(found.metadata, pass.identity)) {
    throw new Occupied(
      'NamespaceConflict',
      `The namespace ${name} exists and does not belong to this tenant. Remove it, or give another Cloud ID in spec.cloudId.`,
    )
  }
  if (found.metadata.deletionTimestamp !== undefined) throw new Superseded(`the namespace ${name} is being deleted`)
  if (containsKeys(found.metadata, wanted.metadata)) return
  await kube.patch(
    namespaces,
    { name },
    withPrecondition(found, { metadata: { labels: metadata.labels, annotations: metadata.annotations } }),
  )
}

/** The Tenant as this pass has just written it. */
export function keep(pass: Pass, after: Tenant): void {
  pass.tenant = pass.writes.note(keyOf(after), tenantOf(pass), after)
}

function tenantOf({ tenant }: Pass): Tenant {
  if (tenant === undefined) throw new Superseded('the Tenant is gone')
  return tenant
}
