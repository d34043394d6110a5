/**
 * Conditions as in KEP-1623: Ready, Reconciling and Stalled speak kstatus's language, the others are ours. Reconciling
 * and Stalled are there only while True, so that their absence means that all is well.
 */
import { z } from 'zod'
import { timestamp } from '../runtime/base/clock.ts'
import type { Reason } from './reasons.ts'
import { text, time } from './fields.ts'

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
  /** What is so and what to do; the same from pass to pass (no clock, no counter). */
  readonly message: string
  readonly observedGeneration: number
  /** RFC 3339. */
  readonly lastTransitionTime: string
}

/** A condition before it is known since when it holds. */
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
 * The conditions after a look at the object: each of `next` is set, the others stay, but for Reconciling and Stalled where
 * `next` has none.
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

/** Ready=False, and the same as what it takes: a person (Stalled), or nothing but time (Reconciling). */
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
    type: z.enum(types).describe('What the condition is about.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is so.'),
    reason: text(128, /^[A-Za-z]([A-Za-z0-9_]*[A-Za-z0-9])?$/, '{field} must be one CamelCase word.').describe(
      'Why, in one word for machines.',
    ),
    message: z.string().max(8192).describe('What is so and what to do, for people.'),
    observedGeneration: z.int().min(0).describe('The metadata.generation that was looked at.'),
    lastTransitionTime: time().describe('Since when the status is what it is.'),
  })
  return z
    .array(condition.describe('One condition.'))
    .max(16)
    .meta({
      description: 'What is so now. Reconciling and Stalled are there only while True.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    })
}

/** Whether the operator has looked at the object yet; the default that the apiserver fills in says no (kstatus). */
export function observedGenerationField() {
  return z
    .int()
    .min(-1)
    .default(-1)
    .describe('The metadata.generation that the operator saw last; -1 before the first time.')
}
