/** The reference pages, as Markdown: fields of each kind, what a status means, what the policies refuse. Pure. */
import { conditionTypes } from '../conditions.ts'
import { customResourceDefinition } from '../crd.ts'
import { eventReasons } from '../events.ts'
import { eventsOfLoss, whys } from '../whys.ts'
import { logLines, subjectFields } from '../log-lines.ts'
import type { LogLine } from '../log-line.ts'
import type { KindDefinition } from '../kind.ts'
import { kinds } from '../kinds.ts'
import { admissionPolicies } from '../policies/policies.ts'
import { pauses } from '../failure-row.ts'
import type { FailureRow } from '../failure-row.ts'
import { removalFacts } from '../failures-dump.ts'
import { failures } from '../failures.ts'
import { reasons } from '../reasons.ts'
import { argoHealthOf, kstatusOf, situations } from '../situations.ts'
import type { Situation } from '../situations.ts'
import type { Structural } from '../structural.ts'
import { code, page as pageFrom, table } from './markdown.ts'

const page = (title: string, ...parts: readonly string[]) => pageFrom('operator/api', title, ...parts)

interface Field {
  readonly path: string
  readonly schema: Structural
  readonly required: boolean
}

function fieldsOf(path: string, schema: Structural, required: boolean): readonly Field[] {
  const inner = schema.items ?? schema
  const within = schema.items === undefined ? path : `${path}[]`
  const children = Object.entries(inner.properties ?? {}).flatMap(([name, child]) =>
    fieldsOf(`${within}.${name}`, child, inner.required?.includes(name) === true),
  )
  return [{ path, schema, required }, ...children]
}

function typeOf(schema: Structural): string {
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ')
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}, at most ${schema.maxItems}`
  if (schema.additionalProperties !== undefined) return `map of ${typeOf(schema.additionalProperties)}`
  if (schema.format === 'date-time') return 'time (RFC 3339)'
  if (schema.type === 'integer') return rangeOf(schema)
  const { maxLength } = schema
  return maxLength === undefined ? (schema.type ?? '') : `string, at most ${maxLength} characters`
}

function rangeOf({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Structural): string {
  return maximum === Number.MAX_SAFE_INTEGER ? `integer from ${minimum}` : `integer, ${minimum} to ${maximum}`
}

function fieldRow({ path, schema, required }: Field): readonly string[] {
  const given = schema.default
  const fallback = given === undefined || typeof given === 'object' ? '' : code(JSON.stringify(given))
  return [code(path), typeOf(schema), required ? 'required' : fallback, schema.description]
}

/** Every sentence by which the schema refuses an object, its own first. */
function sentencesOf(schema: Structural): readonly string[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => message)
  const { items, additionalProperties, properties = {} } = schema
  const inside = [items, additionalProperties, ...Object.values(properties)].filter((child) => child !== undefined)
  return [...own, ...inside.flatMap(sentencesOf)]
}

function kindSection(kind: KindDefinition): string {
  const { resource, shortName, description, columns } = kind
  const { spec, status } = customResourceDefinition(kind).spec.versions[0].schema.openAPIV3Schema.properties
  const head = ['Field', 'Type', 'Default', 'Meaning']
  const rows = (path: string, schema: Structural) => fieldsOf(path, schema, true).slice(1).map(fieldRow)
  const refusedSentences = [...kind.rules.map(({ message }) => message), ...sentencesOf(spec)]
  return [
    `## ${resource.kind}`,
    `${description} ${resource.namespaced ? 'Namespaced' : 'Cluster-scoped'}; ${code(resource.plural)}, short ${code(shortName)}.`,
    `### ${resource.kind} spec`,
    table(head, rows('spec', spec)),
    `### ${resource.kind} status`,
    table(head, rows('status', status)),
    `### Validation of ${resource.kind}`,
    'In addition to the types, limits, required fields and allowed values above:',
    [...new Set(refusedSentences)].map((sentence) => `- ${sentence}`).join('\n'),
    `### Columns of ${code(`kubectl get ${resource.plural}`)}`,
    table(
      ['Column', 'Path', 'Meaning'],
      columns.map(({ name, path, description: meaning, wide }) => [
        wide === true ? `${name} (wide)` : name,
        code(path),
        meaning,
      ]),
    ),
  ].join('\n\n')
}

/** docs/reference/api.md */
export function apiPage(): string {
  const [first] = kinds
  return page(
    `API reference: ${first.resource.apiVersion}`,
    'Durations are whole days, hours, minutes and seconds in this order: `30d`, `12h`, `1h30m`. A day is 24 hours. Quantities are strings, as in `pods: "50"`.',
    ...kinds.map(kindSection),
  )
}

function situationRow(situation: Situation): readonly string[] {
  const { phase, when, ready, available, also, reason } = situation
  const kstatus = kstatusOf(situation)
  const cells = [phase ?? '', when, ready, available ?? '', also ?? '', code(reason), kstatus, argoHealthOf(kstatus)]
  return cells.map((cell) => (cell === '' ? '–' : cell))
}

/** docs/reference/status.md */
export function statusPage(): string {
  const head = ['Phase', 'When', 'Ready', 'Available', 'Also True', 'Reason', 'kstatus', 'Argo CD']
  const sections = Object.entries(situations).map(([kind, rows]) =>
    [`## ${kind}`, table(head, rows.map(situationRow))].join('\n\n'),
  )
  return page(
    'Status: phases, conditions, reasons, and how other tools read them',
    'Ready: the object is fully reconciled. Available: the tenant is usable now. Reconciling and Stalled are present only while they are True: Reconciling means that Tenantry is working or waiting, Stalled that a person must act. *Reason* is that of the condition in *Also True*, or else of Ready. Until the operator has reconciled the latest generation (`status.observedGeneration`), kstatus reports InProgress and Argo CD Progressing, whatever the conditions say.',
    ...sections,
    '## Conditions',
    table(
      ['Kind', 'Types'],
      Object.entries(conditionTypes).map(([kind, types]) => [kind, types.join(', ')]),
    ),
    '## Reasons',
    table(
      ['Reason', 'Meaning'],
      Object.entries(reasons).map(([reason, meaning]) => [code(reason), meaning]),
    ),
    '## Event reasons',
    'An Event about a condition or a phase has the reason of the condition. These reasons occur only in Events:',
    table(
      ['Reason', 'Meaning'],
      Object.entries({ ...eventReasons, ...lossMeanings() }).map(([reason, meaning]) => [code(reason), meaning]),
    ),
    '## Failures',
    'The status of a Tenant when an action fails, of a DatabaseServer when a check of the server fails, and of a TenantAdmin when an invite fails. A failure that is Stalled needs a person. A failure that is Retried passes without one, and the condition Reconciling reports it. Tenantry retries both at intervals that double, up to five minutes, and at once when an object that it watches changes.',
    'The status of any object reports these failures also when its reconciliation fails outside such an action: a refusal by the Kubernetes API, an exceeded quota, an admission webhook that does not answer, or a bug. *action* is then a request for the object, or its reconciliation. The rest of the status, including the phase, stays as it is; so does the condition Stalled if it has another reason. Where only the finalizer of a TenantPlan or a DatabaseServer is refused, its reconciliation goes on, and a DatabaseServer stays Ready.',
    table(
      ['Failure', 'Reason', 'Stalled or Retried', 'First retry', 'Message'],
      Object.values<FailureRow>(failures).map(failureRow),
    ),
  )
}

function lossMeanings(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(eventsOfLoss).map(([reason, { meaning }]) => [reason, meaning]))
}

function failureRow({ when, reason, told, again, sentence, remedy, remedyOfPass }: FailureRow): readonly string[] {
  const ofPass = remedyOfPass === undefined ? [] : [`(Where a pass fails: ${remedyOfPass})`]
  const message = [sentence, ...(remedy === undefined ? [] : [remedy]), ...ofPass].join(' ')
  return [when, code(reason), told, pauses[again], message.replace(/\{(\w+)\}/g, (_, key: string) => shown(key))]
}

/** A placeholder: the usual text where there is one, else its name. */
function shown(key: string): string {
  const usual: Readonly<Record<string, string>> = removalFacts
  return usual[key] ?? `*${key}*`
}

/** docs/reference/log.md */
export function logPage(): string {
  const lines = Object.entries(logLines).flatMap(([subject, all]) => {
    const rows = Object.values<LogLine>(all).map(({ level, message, fields, meaning }) => [
      code(message),
      level,
      fields.map(code).join(', ') || '–',
      meaning,
    ])
    const common = Object.entries(subjectFields).flatMap(([of, names]) => (of === subject ? names : []))
    return [
      `### ${subject}`,
      `Each line has ${common.map(code).join(', ')}, and \`durationMs\` if it reports an action of the operator.`,
      table(['`msg`', 'Level', 'More fields', 'Meaning'], rows),
    ]
  })
  return page(
    'Log',
    'The operator writes one JSON object per line. After each change outside the operator it writes one line. A reconcile that finds nothing to do writes no line, so an idle operator is silent. No line contains a password, a key, a link, or the address or username of a person.',
    '`tenant`, `admin` and `grant` are `namespace/name`; `uid` is the uid of the object; `durationMs` is the duration in milliseconds. Other lines, about the start, the leadership and failures (`reconcile failed, will be retried` with its `error`), help with troubleshooting and may change between versions.',
    '## The field why',
    table(
      ['`why`', 'Meaning'],
      Object.entries(whys).map(([why, meaning]) => [code(why), meaning]),
    ),
    'An action is a `repair`, not an `update`, when the desired state is the same as in the last pass of this leader. For drift from before it became the leader, a missing object that every tenant has is a `repair`; any other difference is an `update`, because a newer operator can have another desired state. Objects that depend on the admins or the state of a tenant count only after its first complete pass.',
    '## Lines',
    ...lines,
    '## Repairs and losses as Events and metrics',
    table(
      ['Reason', 'Type', 'On', 'Meaning'],
      Object.entries(eventsOfLoss).map(([reason, { type, on, meaning }]) => [code(reason), type, on, meaning]),
    ),
    '`tenantry_repairs_total{what}` counts repairs. `what` is the kind of the repaired object, or `Claim`, `Database`, `DatabaseRoles`, `DatabaseContents` or `DatabasePassword`.',
  )
}

/** docs/reference/admission.md */
export function admissionPage(): string {
  const values = {
    prefix: '<release>',
    operatorNamespace: '<namespace>',
    webNamespace: '<namespace>-web',
    operatorServiceAccount: '<service account>',
    userPrefix: '<user prefix>',
    masqueradeLimit: '<masquerade limit>',
  }
  const policies = admissionPolicies(values).map(({ name, description, validations }) =>
    [`## ${name}`, description, validations.map(({ message }) => `- ${message}`).join('\n')].join('\n\n'),
  )
  return page(
    'Admission policies',
    'The chart installs these ValidatingAdmissionPolicies; their names begin with the name of the release. They enforce the rules that depend on the user, the old object or the namespace. There is no webhook. The messages of each policy are listed below it.',
    ...policies,
  )
}
