/**
 * One object that may exist already: created, or read live and repaired where it is Tenantry's. A stale cache costs a
 * read here, and no write.
 */
import { createUnlessThere } from '../../kube/create-unless-there.ts'
import type { Kube, KubeObject, ObjectKey, ObjectMeta, Resource } from '../../kube/port.ts'
import { preconditionsOf } from '../../kube/preconditions.ts'
import { missing } from '../namespace/object-differences.ts'
import type { Difference } from '../namespace/object-differences.ts'
import { ownAnnotations, ownLabels } from '../../domain/fingerprint.ts'
import { bearsMark, wasMarked } from '../../domain/marks.ts'
import { NameTaken, StaleRead } from '../model/errors.ts'
import type { ApplyContext } from './apply-context.ts'
import type { Dispute } from '../contests/attempt.ts'

/**
 * Creates `object`, or returns the existing one of its name. A 409 means that it exists: perhaps from an earlier write
 * whose answer was lost.
 */
export async function createOrGet<T extends KubeObject>(
  kube: Kube,
  resource: Resource<T>,
  key: ObjectKey,
  object: T,
  certainlyAbsent: boolean,
): Promise<T | undefined> {
  const before = certainlyAbsent ? undefined : await kube.get(resource, key)
  if (before !== undefined) return before
  if ((await createUnlessThere(kube, resource, object)) !== undefined) return undefined
  const found = await kube.get(resource, key)
  if (found === undefined) throw new StaleRead(`${key.name} came and went`)
  return found
}

/** How an object of one kind is repaired. */
export interface RepairRules<T extends KubeObject> {
  readonly resource: Resource<T>
  /** The differences of the live object. */
  readonly differ: (live: T) => readonly Difference[]
  /** Whether an immutable field differs: then the object is deleted and recreated. */
  readonly isFixed?: (live: T) => boolean
}

export interface Tools {
  readonly kube: Kube
  readonly dispute: Dispute
}

/** Creates the object, or repairs Tenantry's own where it differs. Returns the resulting object. */
export async function ensure<T extends KubeObject>(
  object: T,
  rules: RepairRules<T>,
  certainlyAbsent: boolean,
  context: ApplyContext,
  tools: Tools,
): Promise<T> {
  const { kube, dispute } = tools
  const { namespace = '', name } = object.metadata
  const live = certainlyAbsent ? undefined : await kube.get(rules.resource, { namespace, name })
  if (live !== undefined) return putRight(live, object, rules, context, tools)
  if (!certainlyAbsent) dispute.found([missing])
  const made = await createUnlessThere(kube, rules.resource, object)
  if (made !== undefined) return told(made, rules, dispute)
  const found = await kube.get(rules.resource, { namespace, name })
  if (found === undefined) throw new StaleRead(`${name} came and went`)
  return putRight(found, object, rules, context, tools)
}

async function putRight<T extends KubeObject>(
  live: T,
  object: T,
  rules: RepairRules<T>,
  context: ApplyContext,
  { kube, dispute }: Tools,
): Promise<T> {
  assertOurs(live, context)
  const differences = rules.differ(live)
  if (live.metadata.deletionTimestamp !== undefined || differences.length === 0) return live
  dispute.found(differences, live.metadata)
  return told(await rewrite(live, object, rules, kube), rules, dispute)
}

/** Replaces `live` by `object`, recreating it where it cannot be changed; returns the answer. */
export async function rewrite<T extends KubeObject>(
  live: T,
  object: T,
  { resource, isFixed }: Pick<RepairRules<T>, 'resource' | 'isFixed'>,
  kube: Kube,
): Promise<T> {
  if (isFixed?.(live) !== true) return kube.replace(resource, replacementFor(live, object))
  const { namespace = '', name } = object.metadata
  await kube.delete(resource, { namespace, name }, preconditionsOf(live))
  const made = await createUnlessThere(kube, resource, object)
  if (made === undefined) throw new StaleRead(`${name} was made by another writer`)
  return made
}

function told<T extends KubeObject>(answer: T, { differ }: RepairRules<T>, dispute: Dispute): T {
  dispute.answered(differ(answer))
  return answer
}

export function assertOurs(live: KubeObject, context: ApplyContext): void {
  if (bearsMark(live.metadata, context.identity) || wasMarked(live.metadata, context.identity)) return
  const { namespace = '', name } = live.metadata
  throw new NameTaken(
    'ObjectConflict',
    `The ${live.kind} ${name} in the namespace ${namespace} was not made by Tenantry. Remove or rename it, so that the tenant's own can be made.`,
  )
}

/** `wanted` in place of `live`, with the labels, annotations and finalizers from others. */
function replacementFor<T extends KubeObject>(live: T, wanted: T): T {
  return {
    ...wanted,
    metadata: {
      ...wanted.metadata,
      ...preconditionsOf(live),
      labels: { ...foreign(live.metadata.labels, ownLabels), ...wanted.metadata.labels },
      annotations: { ...foreign(live.metadata.annotations, ownAnnotations), ...wanted.metadata.annotations },
      ...(live.metadata.finalizers === undefined ? {} : { finalizers: live.metadata.finalizers }),
    },
  }
}

function foreign(all: ObjectMeta['labels'] = {}, own: readonly string[]): NonNullable<ObjectMeta['labels']> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !own.includes(key)))
}
