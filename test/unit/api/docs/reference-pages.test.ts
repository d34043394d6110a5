/** The reference has a row for everything that operator/api declares. */
import test from 'ava'
import { conditionTypes } from '../../../../operator/api/conditions.ts'
import { admissionPage, apiPage, logPage, statusPage } from '../../../../operator/api/docs/reference-pages.ts'
import { eventReasons } from '../../../../operator/api/events.ts'
import { failures } from '../../../../operator/api/failures.ts'
import type { FailureRow } from '../../../../operator/api/failure-row.ts'
import { kinds } from '../../../../operator/api/kinds.ts'
import type { LogLine } from '../../../../operator/api/log-line.ts'
import { logLines } from '../../../../operator/api/log-lines.ts'
import { admissionPolicies } from '../../../../operator/api/policies/policies.ts'
import { reasons } from '../../../../operator/api/reasons.ts'
import { whys } from '../../../../operator/api/whys.ts'

const lines = Object.values<Readonly<Record<string, LogLine>>>(logLines).flatMap((each) => Object.values(each))
const policies = admissionPolicies({
  prefix: 'tenantry',
  operatorNamespace: '<namespace>',
  webNamespace: '<namespace>-web',
  operatorServiceAccount: '<service account>',
  userPrefix: '<user prefix>',
  masqueradeLimit: '<masquerade limit>',
})
const cell = (text: string) => `| ${text.replaceAll('|', '\\|')} |`
const code = (text: string) => cell(`\`${text}\``)

const pages: readonly (readonly [string, string, readonly string[]])[] = [
  ['api.md has a section for each kind', apiPage(), kinds.map(({ resource }) => `## ${resource.kind}`)],
  ['status.md has each reason', statusPage(), Object.keys(reasons).map(code)],
  ['status.md has each reason of an Event', statusPage(), Object.keys(eventReasons).map(code)],
  ['status.md has each kind with conditions', statusPage(), Object.keys(conditionTypes).map(cell)],
  ['status.md has each failure', statusPage(), Object.values<FailureRow>(failures).map(({ when }) => cell(when))],
  ['log.md has each line', logPage(), lines.map(({ message }) => code(message))],
  ['log.md has each why', logPage(), Object.keys(whys).map(code)],
  ['admission.md has each policy', admissionPage(), policies.map(({ description }) => `\n${description}\n`)],
]
for (const [sentence, page, expected] of pages)
  test(sentence, (t) => {
    t.true(expected.length > 0)
    t.deepEqual(
      expected.filter((each) => !page.includes(each)),
      [],
    )
  })
