/**
 * Conditions as in KEP-1623: Ready, Reconciling and Stalled follow kstatus, the others are Tenantry's. Reconciling and
 * Stalled exist only while True, so that their absence means that all is well.
 */
import { z } from 'zod'
import { timestamp } from '../runtime/base/clock.ts'
import type { Reason } from './reasons.ts'
import { text, time } from './schema-fields.ts'

export const conditionTypes = {
  Tenant: [
    'Ready',
    'Available',
    'Reconciling',
    'Stalled',
    'AdminAccepted',
    'NamespaceReady',
    'DatabaseReady',
    'LicenseValid',
    'DatabaseOverSize',
    'DumpRehearsed',
  ],
  TenantAdmin: ['Ready', 'Reconciling', 'Stalled', 'InviteDelivered'],
  AccessGrant: ['Ready', 'Reconciling', 'Stalled'],
  TenantPlan: ['Ready', 'Reconciling', 'Stalled', 'Unbounded', 'DefaultsMissing'],
  DatabaseServer: ['Ready', 'Reconciling', 'Stalled', 'ConnectionsSufficient', 'ApplicationsConnect', 'Leftovers'],
} as const

export type ConditionType = (typeof conditionTypes)[keyof typeof conditionTypes][number]
export type TenantConditionType = (typeof conditionTypes)['Tenant'][number]
export type TenantAdminConditionType = (typeof conditionTypes)['TenantAdmin'][number]

export type ConditionStatus = 'True' | 'False' | 'Unknown'

/** `metav1.Condition`. */
export interface Condition {
  readonly type: ConditionType
  readonly status: ConditionStatus
  readonly reason: Reason
  /** The present state and what to do; the same from pass to pass (no clock, no counter). */
  readonly message: string
  readonly observedGeneration: number
  /** RFC 3339. */
  readonly lastTransitionTime: string
}

/** A condition without the time since which it holds. */
export type NewCondition = Omit<Condition, 'lastTransitionTime'>

const absentUnlessTrue: ReadonlySet<ConditionType> = new Set<ConditionType>([
  'Reconciling',
  'Stalled',
  'Leftovers',
  'DatabaseOverSize',
  'Unbounded',
  'DefaultsMissing',
])

/**
 * The conditions with `next` in place of the one of its type. lastTransitionTime stays while the status is unchanged.
 * Reconciling and Stalled are removed when they are not True. `now`: milliseconds since the epoch. The order is stable:
 * a known type keeps its place, a new one goes last.
 */
export function setCondition(conditions: readonly Condition[], next: NewCondition, now: number): readonly Condition[] {
  if (absentUnlessTrue.has(next.type) && next.status !== 'True') return removeCondition(conditions, next.type)
  const before = findCondition(conditions, next.type)
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : timestamp(now)
  const condition: Condition = { ...next, lastTransitionTime }
  if (before === undefined) return [...conditions, condition]
  return conditions.map((each) => (each.type === next.type ? condition : each))
}

/**
 * The conditions after a look at the object: each of `next` is set and the others stay; only Reconciling and Stalled go
 * where `next` lacks them.
 */
export function nextConditions(
  before: readonly Condition[] | undefined,
  next: readonly NewCondition[],
  now: number,
): readonly Condition[] {
  const stays = ({ type }: Condition) => !absentUnlessTrue.has(type) || next.some((each) => each.type === type)
  return next.reduce<readonly Condition[]>(
    (conditions, each) => setCondition(conditions, each, now),
    (before ?? []).filter(stays),
  )
}

/** Ready=False, with the same verdict as Stalled where a person has to act, or as Reconciling where time is enough. */
export function notReady(
  type: 'Reconciling' | 'Stalled',
  { reason, message }: Pick<Condition, 'reason' | 'message'>,
  observedGeneration: number,
): readonly NewCondition[] {
  return [
    { type: 'Ready', status: 'False', reason, message, observedGeneration },
    { type, status: 'True', reason, message, observedGeneration },
  ]
}

export function removeCondition(conditions: readonly Condition[], type: ConditionType): readonly Condition[] {
  return conditions.filter((each) => each.type !== type)
}

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: ConditionType,
): Condition | undefined {
  return conditions?.find((each) => each.type === type)
}

export function isTrue(conditions: readonly Condition[] | undefined, type: ConditionType): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

/** status.conditions in a schema. Types are those of the kind; reasons are no enum, so that older ones can be read. */
export function conditionsField(types: readonly ConditionType[]) {
  const condition = z.object({
    type: z.enum(types).describe('The type of the condition.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('The status of the condition.'),
    reason: text(128, /^[A-Za-z]([A-Za-z0-9_]*[A-Za-z0-9])?$/, '{field} must be one CamelCase word.').describe(
      'The reason, as one CamelCase word for programs.',
    ),
    message: z.string().max(8192).describe('The current state and what to do, in plain text.'),
    observedGeneration: z.int().min(0).describe('The metadata.generation that the condition is based on.'),
    lastTransitionTime: time().describe('When the status last changed.'),
  })
  return z
    .array(condition.describe('One condition.'))
    .max(16)
    .meta({
      description: 'The current conditions. Reconciling and Stalled are present only while they are True.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    })
}

/**
 * status.observedGeneration; its default, which the apiserver fills in, says that the operator has not looked at the
 * object yet (kstatus).
 */
export function observedGenerationField() {
  return z
    .int()
    .min(-1)
    .default(-1)
    .describe('The metadata.generation that the operator last reconciled; -1 before the first time.')
}
