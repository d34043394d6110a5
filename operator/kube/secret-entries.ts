/** The entries of a Secret as text: Kubernetes has them in base64. Pure. */
import type { Secret } from './resources.ts'

export function entryOf({ data }: Pick<Secret, 'data'>, name: string): string | undefined {
  const value = data?.[name]
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
}

/** For `data`; an undefined value is no entry. */
export function entriesOf(plain: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const entries = Object.entries(plain).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Buffer.from(value).toString('base64')] as const],
  )
  return Object.fromEntries(entries)
}
