/**
 * Finds the databases of an earlier tenant whose claims are gone, by the mark on the owner role. Only the operator can
 * write that mark, and it counts only where it names exactly what was asked for. Pure.
 */
import { databaseNamesOf } from '../../api/names.ts'
import type { DatabaseNames } from '../../api/names.ts'
import { parseMark, tenantDigest } from '../../postgres/model/mark.ts'
import type { MarkedDatabase } from '../model/adoption.ts'
import type { ObservedDatabase } from '../../postgres/model/observed-database.ts'

/** The databases whose mark is that of `asked`: a uid, or `<installation>/<namespace>/<name>`. */
export function markedDatabases(
  asked: string,
  installation: string,
  server: string,
  found: Iterable<ObservedDatabase | undefined>,
): readonly MarkedDatabase[] {
  const prefix = `${installation}/`
  const name = asked.startsWith(prefix) ? tenantDigest({ installation, tenant: asked.slice(prefix.length) }) : undefined
  return [...found].flatMap((databaseState) => {
    const mark = parseMark(databaseState?.owner?.comment)
    if (mark?.kind !== 'owner' || mark.installation !== installation) return []
    if (mark.uid !== asked && mark.tenant !== name) return []
    const names = namesIn(mark)
    return names === undefined
      ? []
      : [{ server, uid: mark.uid, names, isolation: mark.schema === undefined ? 'Database' : 'Schema' }]
  })
}

/** The owner role has the name of what it owns; a mark that says otherwise was not made by Tenantry. */
function namesIn({ database, schema, logins }: DatabaseNamesInMark): DatabaseNames | undefined {
  const names = schema === undefined ? databaseNamesOf(database) : databaseNamesOf(schema, database)
  return names.logins.a === logins.a && names.logins.b === logins.b ? names : undefined
}

type DatabaseNamesInMark = Pick<DatabaseNames, 'database' | 'logins'> & { readonly schema?: string | undefined }
