/** Where a program stopped and who can correct that, in the program's own words as far as they hold no data. Pure. */
import { primaryLines, withoutData } from './cause.ts'

/** The server's own sentences on names and rights; the rest of an error may be a tenant's text. */
const tellable =
  /^(?:permission denied (?:for|to) |must be (?:owner|superuser|member) |new row for relation "[^"]*" violates |value for domain (?:[a-z0-9_.]+|"[^"]*") violates |duplicate key value violates unique constraint |could not create unique index |(?:insert or )?update (?:or delete )?on table "[^"]*" violates |null value in column |conflicting key value violates |extension "[^"]*" is not available|query would be affected by |(?:relation|schema|type|role|collation|extension|column|table|language|operator class|text search [a-z]+) "[^"]*" (?:of relation "[^"]*" )?(?:does not exist|already exists)|functions? [a-z0-9_.]+\([a-z0-9_., []*\]?\) does not exist)/

/** Who corrects it and how, by the program's step or by the server's words. */
const waysOut: readonly (readonly [what: RegExp, way: string])[] = [
  [
    /does not exist$/,
    "A restore has no search_path, so it does not find that name. With the tenant's credentials, qualify the name with its schema in the function that uses it, or run ALTER FUNCTION … SET search_path = … for that function.",
  ],
  [
    / violates check constraint /,
    "During a restore, other rows may not exist yet, and there is no search_path. With the tenant's credentials, correct the rows or the function in the constraint, or add the constraint again as NOT VALID, which is checked for new rows only.",
  ],
  [
    /^could not create unique index | violates /,
    "With the tenant's credentials, correct the rows, or drop the constraint or the index.",
  ],
  [
    /^permission denied (?!to create extension)|^must be (?:superuser|owner)/,
    'Only a superuser can create that. If it is not needed, an administrator of the server can drop it; otherwise dump that database yourself.',
  ],
  [
    /^MATERIALIZED VIEW DATA /,
    "With the tenant's credentials, run REFRESH MATERIALIZED VIEW to see why; then correct the view, or drop it.",
  ],
  [
    /^TABLE DATA /,
    "PostgreSQL's message may quote a row, so Tenantry does not report it. To see it, take a dump with the tenant's credentials and restore it; then correct the cause.",
  ],
]

/** Undefined where neither the program nor the server said anything that may be reported. */
export function stoppedAt(program: string, stderr: string, names: ReadonlySet<string>): string | undefined {
  const entry = /^pg_restore: from TOC entry \d+; \d+ \d+ (.+)$/m
    .exec(stderr)?.[1]
    ?.replace(/ (?:\(no owner\)|\S*)$/, '')
    .trim()
  const server = /ERROR: {2}(.+)$/m.exec(primaryLines(stderr)[0] ?? '')?.[1]
  const said = server !== undefined && tellable.test(server) ? withoutData(server, names) : undefined
  if (entry === undefined && said === undefined) return undefined
  const where = entry === undefined ? `${program} stopped` : `${program} stopped at ${entry}`
  const way = program === 'pg_restore' ? wayOut(said ?? entry ?? '') : undefined
  return `${said === undefined ? where : `${where}: ${said}`}.${way === undefined ? '' : ` ${way}`}`
}

function wayOut(what: string): string | undefined {
  return waysOut.find(([pattern]) => pattern.test(what))?.[1]
}
