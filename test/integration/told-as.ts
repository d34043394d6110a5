/** That a Tenant says what a row of the table of failures says (operator/api/failures.ts). test/unit/api/failures.test.ts holds that each row has such a test. */
import type { ExecutionContext } from 'ava'
import { findCondition } from '../../operator/api/conditions.ts'
import type { Condition } from '../../operator/api/conditions.ts'
import { failures } from '../../operator/api/failures.ts'
import type { FailureRow } from '../../operator/api/failure-row.ts'
import { correctsWhatIsTold } from '../../operator/api/failures-dump.ts'
import type { FailureName } from '../../operator/api/failures.ts'

type Object = { readonly status?: object } | undefined

/** Asserts the reason, whether it is Stalled or Reconciling, and the sentence with whatever completes it. */
export function toldAs(t: ExecutionContext, object: Object, name: FailureName): void {
  const row: FailureRow = failures[name]
  saysRow(t, object, row, row.remedy)
}

/** Whether it says so by now. */
export function isToldAs(object: Object, name: FailureName): boolean {
  const { reason, told, sentence, remedy = '' }: FailureRow = failures[name]
  const condition = toldIn(object, told)
  return condition?.reason === reason && patternsOf(sentence, remedy).every((each) => each.test(condition.message))
}

/** The same where a pass over an object of any kind failed, and no action of a Tenant. */
export function toldOfPass(t: ExecutionContext, object: Object, name: FailureName): void {
  const row: FailureRow = failures[name]
  saysRow(t, object, row, row.remedyOfPass ?? row.remedy)
}

/** The same of a last dump whose cause is named, so that this is what has to be corrected. */
export function toldWithCause(t: ExecutionContext, object: Object, name: FailureName): void {
  saysRow(t, object, failures[name], correctsWhatIsTold)
}

function saysRow(t: ExecutionContext, object: Object, { reason, told, sentence }: FailureRow, remedy = ''): void {
  const condition = toldIn(object, told)
  t.is(condition?.reason, reason, JSON.stringify(object?.status))
  for (const each of patternsOf(sentence, remedy)) t.regex(condition?.message ?? '', each)
}

function toldIn(object: Object, told: FailureRow['told']): Condition | undefined {
  const { conditions = [] } = (object?.status ?? {}) as { readonly conditions?: readonly Condition[] } // of our own schema
  return findCondition(conditions, told === 'Stalled' ? 'Stalled' : 'Reconciling')
}

function patternsOf(...parts: readonly string[]): readonly RegExp[] {
  return parts.filter((each) => each !== '').map(patternOf)
}

function patternOf(sentence: string): RegExp {
  const parts = sentence.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(parts.join('[^]*'))
}
