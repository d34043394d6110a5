/** The message about another writer that changes objects of Tenantry: the same from pass to pass. Pure. */
import type { Verdict } from '../../api/verdict.ts'
import { isPrivate } from './contested-thing.ts'
import type { Thing } from './contested-thing.ts'
import { differingText, fieldName, shortened } from '../namespace/object-differences.ts'
import type { Difference } from '../namespace/object-differences.ts'
import type { Finding } from '../model/finding.ts'

export const admissionPlugin = 'an admission plugin'

/** The other side: an admission plugin, or the writer that the object records, if any. */
export type By = { readonly admission: true } | { readonly writer: string | undefined }

export function findingOf(thing: Thing, difference: Difference, by: By): Finding {
  const { id: object, namespace, server } = thing
  if (server !== undefined) return inPostgres(object, server, difference)
  const field = difference.path.length === 0 ? undefined : fieldName(difference.path)
  const writer = 'admission' in by ? admissionPlugin : (by.writer ?? 'an unknown writer')
  const where = object.startsWith('Namespace ') ? object : `${object} in the namespace ${namespace ?? ''}`
  return { object, namespace, field, writer, sentence: sentence(where, field, difference, by, isPrivate(thing)) }
}

function inPostgres(object: string, server: string, { path, wanted }: Difference): Finding {
  const field = path.join('')
  const what = wanted === undefined ? `its ${field}` : `the statement ${shortened(field)}`
  return {
    object,
    namespace: undefined,
    field,
    writer: 'an unknown writer',
    sentence: `On the DatabaseServer ${server} the ${object} are repaired repeatedly, by ${what}, because another user undoes it. The server's log names the user; stop these changes.`,
  }
}

function sentence(where: string, field: string | undefined, { wanted, seen }: Difference, by: By, hidden: boolean) {
  if (field === undefined)
    return seen === undefined
      ? `The ${where} is deleted repeatedly. The audit log of the cluster names the user; stop these changes.`
      : `The ${where}, which should not exist, is created repeatedly. The audit log of the cluster names the user; stop these changes.`
  const values = hidden
    ? 'is not what it should be'
    : `should be ${differingText(wanted, seen)} and is ${differingText(seen, wanted)}`
  return `The field ${field} of the ${where} ${values}: ${because(by)}`
}

function because(by: By): string {
  if ('admission' in by)
    return `${admissionPlugin} changes what Tenantry writes. Exempt namespaces with the label tenantry.dev/tenant-uid from that mutating policy or webhook, or have it leave the field alone.`
  if (by.writer === undefined)
    return `a writer that the object does not record changes it repeatedly. The audit log of the cluster names the user; stop these changes.`
  return `${by.writer} changes it repeatedly. Have it leave the field alone.`
}

const mostSentences = 3

/** The first few of all contested fields. */
export function contestedVerdict(findings: readonly Finding[]): Verdict {
  const told = findings.slice(0, mostSentences).map((each) => each.sentence)
  const more = findings.length - told.length
  const others = more === 0 ? [] : [`${more} more fields are contested.`]
  const rest = 'Tenantry continues to write, with growing pauses.'
  return { reason: 'Contested', message: [...told, ...others, rest].join(' ') }
}
