/** Reads settings from environment variables by a schema. Pure. */
import type { z } from 'zod'

/** Everything that is wrong with the settings, one sentence per line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

export type Variables = Readonly<Record<string, string | undefined>>

/**
 * The settings, and the problems that do not keep them from being read: unknown variables of Tenantry's. `owner`: what
 * the settings are for, in a sentence. `foreign`: variables of another process of the same image. @throws ConfigError with every problem found, each naming its variable.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Variables,
  owner: string,
  foreign: readonly string[] = [],
): { readonly data: z.output<z.ZodObject<Shape>>; readonly problems: string[] } {
  const known = Object.keys(schema.shape)
  const problems = Object.keys(env)
    .filter((name) => name.startsWith('TENANTRY_') && !known.includes(name) && !foreign.includes(name))
    .map((name) => `${name} is not a setting of ${owner}; remove it or correct its name.`)
  // The chart renders unset values as empty strings.
  const given = Object.fromEntries(known.map((name) => [name, env[name] === '' ? undefined : env[name]]))
  const parsed = schema.safeParse(given)
  if (parsed.success) return { data: parsed.data, problems }
  problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')} ${sentence(issue.message)}`))
  throw new ConfigError(problems)
}

const sentence = (message: string) => (message.endsWith('.') ? message : `${message}.`)
