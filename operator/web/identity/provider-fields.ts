/**
 * The types that the settings of all providers are made of. Each message completes the sentence that begins with the path of its
 * key. Pure.
 */
import { z } from 'zod'

/** `kind`: what the value is not, such as `a text`. */
export const issueOf = (kind: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? 'is missing' : `is not ${kind}`

export const text = z
  .string({ error: issueOf('a text') })
  .min(1, 'is empty')
  .max(1024, 'is longer than 1024 characters')
  .refine((value) => !/\p{Cc}/u.test(value), 'has control characters')

/** In the paths of the provider's pages. */
export const providerId = text.regex(
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  'is not made of up to 63 small letters, digits and hyphens',
)

export const flag = (normally: boolean) => z.boolean({ error: issueOf('true or false') }).default(normally)

/** An object without unknown keys: a misspelled one would be a setting that does not apply. */
export const record = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `has the unknown key ${issue.keys.join(', ')}` : issueOf('an object')(issue),
  })
