/**
 * Quotes names and texts for SQL. `literal` relies on `standard_conforming_strings = on`, which every session of the
 * operator sets at its start.
 */

/** Generated names: letters, digits and underscores, at most NAMEDATALEN - 1 = 63 bytes. */
const generated = /^[a-z_][a-z0-9_]{0,62}$/

/** Throws a RangeError unless `name` could be a generated one; so a stray value never becomes SQL. */
export function generatedName(name: string): string {
  if (!generated.test(name))
    throw new RangeError(`${JSON.stringify(name)} is not a name that Tenantry makes in PostgreSQL.`)
  return identifier(name)
}

/** Any name, double-quoted (PostgreSQL manual, 4.1.1). The server would cut longer names, so they are refused. */
export function identifier(name: string): string {
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > 63)
    throw new RangeError(`${JSON.stringify(name)} cannot be a name in PostgreSQL: it needs 1 to 63 bytes.`)
  return `"${name.replaceAll('"', '""')}"`
}

/** A text constant (PostgreSQL manual, 4.1.2.1). */
export function literal(text: string): string {
  if (text.includes('\0')) throw new RangeError('A text for PostgreSQL cannot hold a NUL character.')
  return `'${text.replaceAll("'", "''")}'`
}

/** An integer constant; throws a RangeError for anything else, NaN and Infinity included. */
export function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number.`)
  return String(value)
}

/** A role name in the text form of an aclitem (`putid` in PostgreSQL's acl.c): quoted only where needed. */
export function aclName(name: string): string {
  return /^[A-Za-z0-9_]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** The grantee of an aclitem such as `"my op"=CTc/owner`; the empty string is PUBLIC. */
export function aclGrantee(item: string): string {
  const quoted = /^"((?:[^"]|"")*)"=/.exec(item)
  return quoted?.[1] === undefined ? item.slice(0, item.indexOf('=')) : quoted[1].replaceAll('""', '"')
}
