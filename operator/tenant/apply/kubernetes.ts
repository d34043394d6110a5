/**
 * The actions on the Kubernetes API. An object that may exist already is read live before it is written, so that a
 * stale cache costs a read and not a write; an object without Tenantry's mark is left alone.
 */
import { finalizer } from '../../api/names.ts'
import { tenants } from '../../api/tenant.ts'
import { createUnlessThere } from '../../kube/create-unless-there.ts'
import { namespaces } from '../../kube/resources.ts'
import { addFinalizer, removeFinalizer } from '../../runtime/objects/finalizer.ts'
import { writeStatus } from '../../runtime/objects/status.ts'
import type { KubeAction } from '../model/action.ts'
import { ensureBinding, switchBinding } from './write-binding-secret.ts'
import { deleteChild, ensureChild } from './child-object.ts'
import { recordDeletion } from './write-deletion-record.ts'
import { stopPods, resumeWorkloads } from './workload-actions.ts'
import { claimHandlers } from './name-claims.ts'
import { swapHandlers } from './name-swap.ts'
import { keyDifferences, surplus as unwanted } from '../namespace/object-differences.ts'
import { withPrecondition } from '../../kube/preconditions.ts'
import { bearsMark } from '../../domain/marks.ts'
import { NameTaken, StaleRead } from '../model/errors.ts'
import { surplusKeys } from '../../domain/plan-keys.ts'
import type { KubePorts, ApplyContext } from './apply-context.ts'
import { noteWritten, tenantOf } from './apply-context.ts'

type Handlers = {
  readonly [Kind in KubeAction['kind']]: (
    action: Extract<KubeAction, { kind: Kind }>,
    context: ApplyContext,
    ports: KubePorts,
  ) => Promise<void>
}

const handlers: Handlers = {
  ...claimHandlers,
  ...swapHandlers,
  RecordDeletion: (action, context, { kube }) => recordDeletion(action, context, kube),
  AddFinalizer: async (_, context, { kube }) => {
    noteWritten(context, await addFinalizer(kube, tenants, tenantOf(context), finalizer))
  },
  RemoveFinalizer: async (_, context, { kube }) => {
    await removeFinalizer(kube, tenants, tenantOf(context), finalizer)
    context.tenant = undefined
  },
  WriteStatus: async ({ status }, context, { kube }) => {
    noteWritten(context, await writeStatus(kube, tenants, tenantOf(context), status))
  },
  EnsureNamespace: ({ object, certainlyAbsent }, context, ports) =>
    ensureNamespace(object, certainlyAbsent, context, ports),
  DeleteNamespace: async ({ namespace, uid }, _, { kube }) => {
    await kube.delete(namespaces, { name: namespace }, { uid })
  },
  StopWorkloads: ({ namespace, stops }, context, { kube }) => stopPods(namespace, stops, context, kube),
  ResumeWorkloads: ({ namespace, stuckWorkloads, stamp }, context, { kube }) =>
    resumeWorkloads(namespace, stuckWorkloads, stamp, context, kube),
  EnsureBinding: ensureBinding,
  SwitchBinding: switchBinding,
  EnsureChild: ({ child, certainlyAbsent }, context, ports) => ensureChild(child, certainlyAbsent, context, ports),
  DeleteChild: async ({ childKind, ...key }, _, { kube, dispute }) => {
    dispute.found([unwanted])
    await deleteChild(childKind, key, kube)
  },
}

/** Throws KubeError, {@link NameTaken} or {@link StaleRead}. */
export async function applyKubeAction<Kind extends KubeAction['kind']>(
  action: Extract<KubeAction, { kind: Kind }>,
  context: ApplyContext,
  ports: KubePorts,
): Promise<void> {
  const kind: Kind = action.kind
  await handlers[kind](action, context, ports)
}

type NamespaceObject = Extract<KubeAction, { kind: 'EnsureNamespace' }>['object']

async function ensureNamespace(
  wanted: NamespaceObject,
  certainlyAbsent: boolean,
  context: ApplyContext,
  { kube, dispute }: KubePorts,
): Promise<void> {
  const { metadata } = wanted
  const { name } = metadata
  const found = certainlyAbsent ? undefined : await kube.get(namespaces, { name })
  const made = found === undefined ? await createUnlessThere(kube, namespaces, wanted) : undefined
  if (made !== undefined) return dispute.answered(keyDifferences(metadata, made.metadata))
  const there = found ?? (await kube.get(namespaces, { name }))
  if (there === undefined) throw new StaleRead(`${name} came and went`)
  if (!bearsMark(there.metadata, context.identity)) {
    throw new NameTaken(
      'NamespaceConflict',
      `The namespace ${name} exists and does not belong to this tenant. Remove it, or give another Cloud ID in spec.cloudId.`,
    )
  }
  if (there.metadata.deletionTimestamp !== undefined) throw new StaleRead(`the namespace ${name} is being deleted`)
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
