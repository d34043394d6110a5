/** Where a person goes after signing in: a path of this application, never another site (an open redirect). Pure. */

export const longestReturnPath = 1024

const own = 'https://own.invalid'

/**
 * `value` if it is a path of this application, with a query or without one. Undefined for everything that a browser could take
 * for another site, and for paths that a browser would rewrite (`/a/../b`).
 */
export function returnPath(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > longestReturnPath) return undefined
  // Printable ASCII without space, `#` and backslash. Browsers drop tabs and line breaks, and read `\` as `/`.
  if (!/^\/[!"$-[\]-~]*$/.test(value) || value.includes('//')) return undefined
  const url = URL.parse(value, own)
  return url !== null && url.origin === own && url.pathname + url.search === value ? value : undefined
}
