/**
 * The actions on the Kubernetes API. What may be there already is read live before it is written, so that a stale cache
 * costs a read and not a write; what is there without our mark is left alone.
 */
import { finalizer } from '../../api/names.ts'
import { tenants } from '../../api/tenant.ts'
import { createUnlessThere } from '../../kube/create-unless-there.ts'
import { namespaces } from '../../kube/resources.ts'
import { addFinalizer, removeFinalizer } from '../../runtime/objects/finalizer.ts'
import { writeStatus } from '../../runtime/objects/status.ts'
import type { KubeAction } from '../model/action.ts'
import { ensureBinding, switchBinding } from './binding-secret.ts'
import { deleteChild, ensureChild } from './child-object.ts'
import { recordDeletion } from './deletion-record.ts'
import { stopPods, wakeWorkloads } from './workloads.ts'
import { claimHandlers } from './name-claims.ts'
import { exchangeHandlers } from './name-swap.ts'
import { keyDifferences, surplus as unwanted } from '../namespace/differences.ts'
import { withPrecondition } from './live-object.ts'
import { bearsMark } from '../../domain/marks.ts'
import { Occupied, Superseded } from '../model/errors.ts'
import { surplusKeys } from '../../domain/plan-keys.ts'
import type { KubePorts, Pass } from './context.ts'
import { keep, tenantOf } from './context.ts'

type Handlers = {
  readonly [Kind in KubeAction['kind']]: (
    action: Extract<KubeAction, { kind: Kind }>,
    pass: Pass,
    ports: KubePorts,
  ) => Promise<void>
}

const handlers: Handlers = {
  ...claimHandlers,
  ...exchangeHandlers,
  RecordDeletion: (action, pass, { kube }) => recordDeletion(action, pass, kube),
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
  EnsureNamespace: ({ object, fresh }, pass, ports) => ensureNamespace(object, fresh, pass, ports),
  DeleteNamespace: async ({ namespace, uid }, _, { kube }) => {
    await kube.delete(namespaces, { name: namespace }, { uid })
  },
  StopWorkloads: ({ namespace, stops }, pass, { kube }) => stopPods(namespace, stops, pass, kube),
  WakeWorkloads: ({ namespace, sleepers, stamp }, pass, { kube }) =>
    wakeWorkloads(namespace, sleepers, stamp, pass, kube),
  EnsureBinding: ensureBinding,
  SwitchBinding: switchBinding,
  EnsureChild: ({ child, fresh }, pass, ports) => ensureChild(child, fresh, pass, ports),
  DeleteChild: async ({ childKind, ...key }, _, { kube, dispute }) => {
    dispute.found([unwanted])
    await deleteChild(childKind, key, kube)
  },
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

type NamespaceObject = Extract<KubeAction, { kind: 'EnsureNamespace' }>['object']

async function ensureNamespace(
  wanted: NamespaceObject,
  fresh: boolean,
  pass: Pass,
  { kube, dispute }: KubePorts,
): Promise<void> {
  const { metadata } = wanted
  const { name } = metadata
  const found = fresh ? undefined : await kube.get(namespaces, { name })
  const made = found === undefined ? await createUnlessThere(kube, namespaces, wanted) : undefined
  if (made !== undefined) return dispute.answered(keyDifferences(metadata, made.metadata))
  const there = found ?? (await kube.get(namespaces, { name }))
  if (there === undefined) throw new Superseded(`${name} came and went`)
  if (!bearsMark(there.metadata, pass.identity)) {
    throw new Occupied(
      'NamespaceConflict',
      `The namespace ${name} exists and does not belong to this tenant. Remove it, or give another Cloud ID in spec.cloudId.`,
    )
  }
  if (there.metadata.deletionTimestamp !== undefined) throw new Superseded(`the namespace ${name} is being deleted`)
  const differences = keyDifferences(metadata, there.metadata)
  if (differences.length === 0) return
  dispute.found(differences, there.metadata)
  const surplus = surplusKeys(there.metadata, metadata)
  const without = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, null]))
  const keys = {
    labels: { ...without(surplus.labels), ...metadata.labels },
    annotations: { ...without(surplus.annotations), ...metadata.annotations },
  }
  const answer = await kube.patch(namespaces, { name }, withPrecondition(there, { metadata: keys }))
  dispute.answered(keyDifferences(metadata, answer.metadata))
}
