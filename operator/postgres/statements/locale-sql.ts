/** SQL for the encoding and the locale of a database, as CREATE DATABASE takes them. */
import type { WantedLocale } from '../model/port.ts'
import { literal } from '../model/quote.ts'

/** What an existing database has, as {@link localeQuery} reads it. */
export interface DatabaseLocale {
  readonly encoding: string
  readonly provider: string
  readonly collate: string
  readonly ctype: string
  readonly locale: string | null
  readonly rules: string | null
}

/** The providers by their letters in `pg_database.datlocprovider`. */
const providers: Readonly<Record<string, WantedLocale['provider']>> = { b: 'builtin', c: 'libc', i: 'icu' }

/** One row for the database $1. Some columns exist from PostgreSQL 16 or 17 on, hence `to_jsonb`. */
export const localeQuery = `
SELECT pg_encoding_to_char(d.encoding) AS encoding, d.datlocprovider AS provider, d.datcollate AS collate, d.datctype AS ctype,
  coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale, to_jsonb(d) ->> 'daticurules' AS rules
FROM pg_database d WHERE d.datname = $1`

/** UTF8 whatever the server's own databases have; without a locale, that of template0. */
export function wantedLocale(wanted: WantedLocale | undefined): string {
  const utf8 = `ENCODING 'UTF8'`
  if (wanted === undefined) return utf8
  const { provider, name } = wanted
  return [utf8, `LOCALE_PROVIDER ${provider}`, nameOf(provider, name)].join(' ')
}

/** SQL for the locale of another database, whose content is restored into this one. */
export function sameLocale({ encoding, provider, collate, ctype, locale, rules }: DatabaseLocale): string {
  const kind = providers[provider] ?? 'libc'
  return [
    `ENCODING ${literal(encoding)}`,
    `LOCALE_PROVIDER ${kind}`,
    `LC_COLLATE ${literal(collate)} LC_CTYPE ${literal(ctype)}`,
    ...(kind === 'libc' || locale === null ? [] : [nameOf(kind, locale)]),
    ...(rules === null ? [] : [`ICU_RULES ${literal(rules)}`]),
  ].join(' ')
}

function nameOf(provider: WantedLocale['provider'], name: string): string {
  const value = literal(name)
  if (provider === 'libc') return `LC_COLLATE ${value} LC_CTYPE ${value}`
  return provider === 'icu' ? `ICU_LOCALE ${value}` : `BUILTIN_LOCALE ${value}`
}

/**
 * Invalid value, not supported, an option of later versions, no such locale, not a locale, a contradiction: all for
 * encoding or locale.
 */
export function isLocaleRefusal(sqlstate: string): boolean {
  return /^(22|0A)/.test(sqlstate) || ['42601', '42704', '42809', '42P17'].includes(sqlstate)
}
