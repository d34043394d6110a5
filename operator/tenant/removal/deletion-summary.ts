/** The summary of a deletion preview in a few sentences, for `kubectl get` and an Event. Pure. */
import type { DeletionPreview } from '../../api/deletion-preview-schema.ts'

/** The bytes that fit into an Event. */
const longest = 1_000
const mostKindsTold = 8
const mostNamesTold = 6

type Found = Pick<
  DeletionPreview,
  'outcome' | 'database' | 'namespace' | 'admins' | 'customers' | 'releasedNames' | 'grace' | 'finalDump'
>

/** `because`: half a sentence that says why not everything goes. */
export function summaryOf(found: Found, because: string | undefined): string {
  const things = [...databaseWords(found), ...namespaceWords(found)]
  const all = things.length === 0 ? 'nothing that was made for the tenant' : things.join(', and ')
  const sentences = {
    Removed: [`A deletion would remove ${all}.`, ...graceWords(found), ...consequences(found), dumpWords(found)],
    Kept: [`A deletion would remove the Tenant alone, as ${because ?? ''}: ${all} and its names would stay.`],
    Refused: [
      `A deletion would remove nothing: ${because ?? ''}.`,
      `Then it would remove ${all}.`,
      ...graceWords(found),
      ...consequences(found),
      ...(found.finalDump === true ? [dumpWords(found)] : []),
    ],
  }[found.outcome]
  return cut([...sentences, ...uncounted(found)].join(' '))
}

function graceWords({ grace }: Found): readonly string[] {
  return grace === undefined
    ? []
    : [`Nothing of that would go within ${grace} of the deletion, which can be undone as long.`]
}

function dumpWords({ finalDump }: Found): string {
  return finalDump === true
    ? 'A last dump is taken and verified first; without it nothing goes.'
    : 'No last dump is taken.'
}

function databaseWords({ database }: Found): readonly string[] {
  if (database === undefined) return []
  const { server, name, schema, sizeBytes, roles } = database
  const what =
    schema === undefined ? `the database ${name ?? ''}` : `the schema ${schema} in the database ${name ?? ''}`
  const size = sizeBytes === undefined ? '' : ` (${schema === undefined ? '' : 'about '}${bytes(sizeBytes)})`
  const rolesToo = roles === undefined || roles.length === 0 ? '' : ` with ${many(roles.length, 'role')}`
  return [`${what}${size}${rolesToo} on the DatabaseServer ${server}`]
}

function namespaceWords({ namespace }: Found): readonly string[] {
  if (namespace === undefined) return []
  const objects = namespace.objects ?? []
  const most = objects.toSorted((one, other) => other.count - one.count)
  const told = most.slice(0, mostKindsTold).map(({ kind, count }) => `${count} ${kind}`)
  const rest = most.slice(mostKindsTold).reduce((sum, { count }) => sum + count, 0)
  const list = [...told, ...(rest === 0 ? [] : [`${rest} others`])].join(', ')
  const total = objects.reduce((sum, { count }) => sum + count, 0)
  return [`the namespace ${namespace.name} with ${many(total, 'object')}${list === '' ? '' : ` (${list})`}`]
}

function consequences({ releasedNames = [], admins }: Found): readonly string[] {
  const names = releasedNames.slice(0, mostNamesTold).join(', ')
  const more = releasedNames.length > mostNamesTold ? ` and ${releasedNames.length - mostNamesTold} more` : ''
  const people = admins?.count ?? 0
  return [
    ...(names === '' ? [] : [`Others could have the names ${names}${more}.`]),
    ...(people === 0 ? [] : [`${many(people, 'TenantAdmin')} would have no tenant.`]),
  ]
}

function uncounted({ namespace }: Found): readonly string[] {
  const kinds = namespace?.notCounted?.length ?? 0
  if (kinds === 0) return []
  return [`${many(kinds, 'kind')} of object could not be counted (status.deletionPreview.namespace.notCounted).`]
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

function bytes(size: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(size, 1)) / 10), units.length - 1)
  const scaled = size / 1024 ** power
  return `${power === 0 ? scaled : scaled.toFixed(1)} ${units[power] ?? 'B'}`
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}
