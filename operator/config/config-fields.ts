/** The types of the settings, parsed from the text of environment variables. Pure. */
import { z } from 'zod'
import { credentialIn } from '../runtime/base/credential.ts'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `250ms`, `15s`, `10m`, `168h`, `7d` → milliseconds. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'is not a duration such as 15s, 10m, 168h or 7d')
  .transform((text) => Number.parseInt(text, 10) * (units[text.replace(/\d+/, '')] ?? Number.NaN))

export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'is not a port number')
  .transform(Number)
  .refine((n) => n <= 65_535, 'is not a port number')

export const count = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, 'is not a whole number')
    .transform(Number)
    .refine((n) => n >= least && n <= most, `is not between ${least} and ${most}`)

export const flag = z.enum(['true', 'false'], 'is neither true nor false').transform((text) => text === 'true')

export const words = z.string().transform((text) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== ''),
)

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'is not an http or https URL' })
  .transform((text) => text.replace(/\/+$/, ''))

/** A value as an entry of a Secret gives it. */
export const credential = z.string().transform((text, context) => {
  const fit = credentialIn(text)
  if (fit !== undefined) return fit
  context.addIssue({ code: 'custom', message: 'has line breaks or other control characters' })
  return z.NEVER
})

/** The name of a mail client in EHLO (RFC 5321, section 4.1.1.1): a host name or an address in brackets. */
export const ehloName = z
  .string()
  .regex(
    /^((?=.{1,253}$)[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*|\[[0-9A-Fa-f.:]{2,45}\]|\[IPv6:[0-9A-Fa-f.:]{2,45}\])$/,
    'is neither a host name nor an address in brackets',
  )

/** The host of a URL in the form for EHLO. */
export function ehloNameOf(url: string): string {
  const { hostname } = new URL(url)
  if (hostname.startsWith('[')) return `[IPv6:${hostname.slice(1)}`
  return /^\d+(\.\d+){3}$/.test(hostname) ? `[${hostname}]` : hostname
}
