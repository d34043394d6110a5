/**
 * The PostgreSQL parameters that may be declared for a tenant's sessions: those that widen no access. Their form is
 * checked here, and the server checks the rest.
 */
import { z } from 'zod'
import { rules } from './schema-fields.ts'

/** How two values compare: the lower one is stricter for a limit, and for a timeout too, where 0 means none. */
export type ParameterKind = 'Timeout' | 'Size' | 'Choice'

export const parameterKinds = {
  search_path: 'Choice',
  statement_timeout: 'Timeout',
  lock_timeout: 'Timeout',
  idle_in_transaction_session_timeout: 'Timeout',
  idle_session_timeout: 'Timeout',
  transaction_timeout: 'Timeout',
  work_mem: 'Size',
  maintenance_work_mem: 'Size',
  temp_file_limit: 'Size',
  TimeZone: 'Choice',
  DateStyle: 'Choice',
  IntervalStyle: 'Choice',
  default_transaction_isolation: 'Choice',
  default_transaction_read_only: 'Choice',
  default_text_search_config: 'Choice',
  jit: 'Choice',
} as const satisfies Readonly<Record<string, ParameterKind>>

export type ParameterName = keyof typeof parameterKinds

const allowed = Object.keys(parameterKinds)
const timeouts = Object.entries(parameterKinds).flatMap(([name, kind]) => (kind === 'Timeout' ? [name] : []))

/** Below 2^31 milliseconds, the server's maximum. */
const timeout =
  '^(0|[1-9][0-9]{0,8}ms|[1-9][0-9]{0,5}s|[1-9][0-9]{0,3}min|([1-9][0-9]?|[1-4][0-9]{2})h|([1-9]|1[0-9]|2[0-4])d)$'

/** Each is one CEL rule: where the parameter is given its value matches `pattern`, else `words` say what it must be. */
const forms: Readonly<Partial<Record<ParameterName, { readonly pattern: string; readonly words: string }>>> = {
  search_path: {
    pattern: `^([a-z_][a-z0-9_]{0,62}|"[^"]{1,63}")( ?, ?([a-z_][a-z0-9_]{0,62}|"[^"]{1,63}"))*$`,
    words: 'names of schemas with commas between them, in quotes where a name needs them, such as "$user", app',
  },
  work_mem: {
    pattern: '^((6[4-9]|[7-9][0-9]|[1-9][0-9]{2,5})kB|[1-9][0-9]{0,2}MB|1GB)$',
    words: 'a size from 64kB to 1GB, such as 16MB',
  },
  maintenance_work_mem: {
    pattern: '^([1-9][0-9]{0,2}MB|[1-4]GB)$',
    words: 'a size from 1MB to 4GB, such as 256MB',
  },
  temp_file_limit: {
    pattern: '^([1-9][0-9]{0,5}MB|[1-9][0-9]{0,2}GB|1TB)$',
    words: 'a size from 1MB to 1TB, such as 10GB',
  },
  TimeZone: {
    pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,62}$',
    words: 'the name of a time zone, such as Europe/Berlin or UTC',
  },
  DateStyle: {
    pattern: '^(ISO|Postgres|SQL|German)(, ?(DMY|MDY|YMD))?$',
    words: 'ISO, Postgres, SQL or German, optionally with an order of day, month and year, such as ISO, DMY',
  },
  IntervalStyle: {
    pattern: '^(postgres|postgres_verbose|sql_standard|iso_8601)$',
    words: 'postgres, postgres_verbose, sql_standard or iso_8601',
  },
  default_transaction_isolation: {
    pattern: '^(read committed|repeatable read|serializable)$',
    words: 'read committed, repeatable read or serializable',
  },
  default_transaction_read_only: { pattern: '^(on|off)$', words: 'on or off' },
  default_text_search_config: {
    pattern: '^[a-z_][a-z0-9_]{0,62}([.][a-z_][a-z0-9_]{0,62})?$',
    words: 'the name of a configuration of the text search, such as english',
  },
  jit: { pattern: '^(on|off)$', words: 'on or off' },
}

const list = (names: readonly string[]) => `[${names.map((name) => `'${name}'`).join(', ')}]`

/** A map, so that a parameter that is not allowed is refused with a sentence, and not dropped silently. */
export function parameters(description: string) {
  return z.record(z.string(), z.string().max(256).describe('A value, as in SET but without quotes around it.')).meta({
    description,
    maxProperties: allowed.length,
    ...rules(
      {
        rule: `self.all(name, name in ${list(allowed)})`,
        message: `{field} must have no other parameters than ${allowed.join(', ')}. An application can set any other parameter itself: SET, or ALTER ROLE for its login.`,
      },
      {
        rule: `${list(timeouts)}.all(name, !(name in self) || self[name].matches('${timeout}'))`,
        message: `{field} must have lengths of time of at most 24d as timeouts, such as 500ms, 30s, 5min or 1h; 0 is none.`,
      },
      ...Object.entries(forms).map(([name, { pattern, words }]) => ({
        rule: `!('${name}' in self) || self['${name}'].matches('${pattern}')`,
        message: `{field}.${name} must be ${words}.`,
      })),
    ),
  })
}
