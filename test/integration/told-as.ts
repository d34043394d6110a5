/** That a Tenant says what a row of the table of failures says (operator/api/failures.ts). test/unit/api/failures.test.ts holds that each row has such a test. */
import type { ExecutionContext } from 'ava'
import { findCondition } from '../../operator/api/conditions.ts'
import type { Condition } from '../../operator/api/conditions.ts'
import { failures } from '../../operator/api/failures.ts'
import type { FailureRow } from '../../operator/api/failure-row.ts'
import type { FailureName } from '../../operator/api/failures.ts'

type Object = { readonly status?: object } | undefined

/** Asserts the reason, whether it is Stalled or Reconciling, and the sentence with whatever completes it. */
export function toldAs(t: ExecutionContext, object: Object, name: FailureName): void {
  const row: FailureRow = failures[name]
  saysRow(t, object, row, row.remedy)
}

/** The same where a pass over an object of any kind failed, and no action of a Tenant. */
export function toldOfPass(t: ExecutionContext, object: Object, name: FailureName): void {
  const row: FailureRow = failures[name]
  saysRow(t, object, row, row.remedyOfPass ?? row.remedy)
}

function saysRow(t: ExecutionContext, object: Object, { reason, told, sentence }: FailureRow, remedy = ''): void {
  const { conditions = [] } = (object?.status ?? {}) as { readonly conditions?: readonly Condition[] } // of our own schema
  const condition = findCondition(conditions, told === 'Stalled' ? 'Stalled' : 'Reconciling')
  t.is(condition?.reason, reason, JSON.stringify(conditions))
  for (const part of [sentence, remedy].filter((each) => each !== ''))
    t.regex(condition?.message ?? '', patternOf(part))
}

function patternOf(sentence: string): RegExp {
  const parts = sentence.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(parts.join('[^]*'))
}
