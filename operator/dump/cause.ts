/**
 * The cause of a failed dump, in words for people: names of relations, extensions and constraints, and who can correct
 * it, never rows, which a server's words may quote. Pure.
 */
import type { DatabaseNames } from '../api/names.ts'
import type { DumpBlockers, Relation } from '../postgres/reads/dump-blockers.ts'
import { identifier } from '../postgres/model/quote.ts'

/** How many of a kind are reported. */
export const mostTold = 3

/** What keeps a dump from being read. */
export function unreadable(found: DumpBlockers, { database, owner }: DatabaseNames): readonly string[] {
  const give = (object: string) =>
    `As its owner or an administrator of the server, run in the database "${database}": ALTER ${object} OWNER TO ${identifier(owner)};`
  const closed = (what: string, object: string, of: string) =>
    of === owner
      ? `The ${what} was closed to its own owner. With the tenant's credentials, run: GRANT ${rightToRead(object)} ON ${object} TO ${identifier(owner)};`
      : `The ${what} belongs to the role "${of}", and the tenant's role may not read it. ${give(object)}`
  return [
    ...found.schemas.map(({ name, owner: of }) =>
      closed(`schema ${identifier(name)}`, `SCHEMA ${identifier(name)}`, of),
    ),
    ...found.relations.map((each) => closed(told(each), `${kindOf(each).toUpperCase()} ${nameOf(each)}`, each.owner)),
    ...found.largeObjects.map(({ name, owner: of }) => closed(`large object ${name}`, `LARGE OBJECT ${name}`, of)),
    ...found.hiding.map((each) =>
      each.owner === owner
        ? `The ${told(each)} hides rows from its owner too. With the tenant's credentials, run: ALTER TABLE ${nameOf(each)} NO FORCE ROW LEVEL SECURITY;`
        : `The ${told(each)} belongs to the role "${each.owner}" and hides rows from the tenant's role. ${give(`TABLE ${nameOf(each)}`)}`,
    ),
  ]
}

/** What keeps a dump from being restored without special rights. */
export function unrestorable({ extensions }: DumpBlockers, { database }: DatabaseNames): readonly string[] {
  return extensions.map(
    ({ name }) =>
      `The extension ${identifier(name)} can only be created by a superuser. If it is not needed, run as an administrator of the server in the database "${database}": DROP EXTENSION ${identifier(name)}; If it is needed, dump that database yourself.`,
  )
}

function rightToRead(object: string): 'USAGE' | 'SELECT' {
  return object.startsWith('SCHEMA ') ? 'USAGE' : 'SELECT'
}

function kindOf({ kind }: Relation): string {
  return kind === 'S' ? 'sequence' : 'table'
}

function nameOf({ schema, name }: Relation): string {
  return `${identifier(schema)}.${identifier(name)}`
}

function told(relation: Relation): string {
  return `${kindOf(relation)} ${nameOf(relation)}`
}

const quoted = /"((?:[^"\n]|"")*)"/g

/** The quoted parts of a program's errors, and each part of those: names, perhaps. */
export function quotedIn(stderr: string): readonly string[] {
  const texts = [...primaryLines(stderr).join('\n').matchAll(quoted)].flatMap(([, text = '']) => [
    text,
    ...text.split('.'),
  ])
  return [...new Set(texts)].filter((text) => text !== '' && Buffer.byteLength(text) <= 63).slice(0, 50)
}

/** Without quoted parts that are no name of an existing object. */
export function withoutData(line: string, names: ReadonlySet<string>): string {
  const isName = (text: string) => names.has(text) || text.split('.').every((part) => names.has(part))
  return line
    .replaceAll(quoted, (all, text: string) => (isName(text) ? all : '"…"'))
    .replaceAll(/'[^']*'/g, "'…'")
    .slice(0, 300)
}

/** The first lines of a program's errors: the statement, or the row, follows them. */
export function primaryLines(stderr: string): readonly string[] {
  return stderr.split('\n').filter((line) => /^pg_(dump|restore): (error|warning|fatal):/.test(line))
}

/** The lines of an error for the log. */
export function errorLines(stderr: string, names: ReadonlySet<string>, most = 5): readonly string[] {
  return primaryLines(stderr)
    .slice(0, most)
    .map((line) => withoutData(line, names))
}
