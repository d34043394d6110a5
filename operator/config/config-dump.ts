/** The settings of last dumps: where they are kept, and which programs take them. Pure. */
import { credentialIn, unfitCredential } from '../runtime/base/credential.ts'
import type { S3Settings } from '../dump/s3.ts'
import { z } from 'zod'

import { authorityIn, contentOf } from './config-files.ts'
import { duration, flag, httpUrl, words } from './config-fields.ts'
import type { DumpConfig } from '../dump/settings.ts'

/** Where Debian and PostgreSQL's own packages put the programs. */
const clientFolders = [15, 16, 17, 18].map((major) => `/usr/lib/postgresql/${major}/bin`)

export const dumpEnvironment = {
  TENANTRY_DUMP_TARGET: z.enum(['none', 'volume', 's3'], 'is none of none, volume, s3').default('none'),
  TENANTRY_DUMP_DIRECTORY: z.string().regex(/^\//, 'is not an absolute path').default('/var/lib/tenantry/dumps'),
  TENANTRY_DUMP_TIMEOUT: duration.default(3_600_000),
  TENANTRY_DUMP_S3_ENDPOINT: httpUrl.optional(),
  TENANTRY_DUMP_S3_REGION: z.string().min(1).default('us-east-1'),
  TENANTRY_DUMP_S3_BUCKET: z.string().min(1).optional(),
  TENANTRY_DUMP_S3_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9!_.'()*/-]{0,256}$/, 'is not a prefix of a key')
    .default(''),
  TENANTRY_DUMP_S3_PATH_STYLE: flag.default(true),
  TENANTRY_DUMP_S3_ACCESS_KEY_FILE: z.string().optional(),
  TENANTRY_DUMP_S3_SECRET_KEY_FILE: z.string().optional(),
  TENANTRY_DUMP_S3_CA_FILE: z.string().optional(),
  TENANTRY_POSTGRES_BIN: words.default(clientFolders),
}

const whole = z.object(dumpEnvironment)
type DumpEnvironment = z.output<typeof whole>

/** Adds each problem to `problems`, as a sentence that names its variable. */
export function dumpConfig(env: DumpEnvironment, readFile: (path: string) => string, problems: string[]): DumpConfig {
  const common = { timeout: env.TENANTRY_DUMP_TIMEOUT, clientFolders: env.TENANTRY_POSTGRES_BIN }
  if (env.TENANTRY_DUMP_TARGET === 'none') return { ...common, target: undefined }
  const folder = env.TENANTRY_DUMP_DIRECTORY
  if (env.TENANTRY_DUMP_TARGET === 'volume') return { ...common, target: { kind: 'volume', folder } }
  return { ...common, target: { kind: 's3', ...bucketOf(env, folder, readFile, problems) } }
}

type Name = keyof typeof dumpEnvironment

function bucketOf(
  env: DumpEnvironment,
  scratchFolder: string,
  readFile: (path: string) => string,
  problems: string[],
): S3Settings {
  const needed = (name: Name, value: string | undefined): string => {
    if (value === undefined) problems.push(`${name} is missing: TENANTRY_DUMP_TARGET s3 needs it.`)
    return value ?? ''
  }
  const secret = (name: 'TENANTRY_DUMP_S3_ACCESS_KEY_FILE' | 'TENANTRY_DUMP_S3_SECRET_KEY_FILE') => {
    needed(name, env[name])
    const key = credentialIn(contentOf(name, env[name], readFile, problems) ?? '')
    if (key === undefined) problems.push(unfitCredential(`The file that ${name} names`))
    return key ?? ''
  }
  const authority = contentOf('TENANTRY_DUMP_S3_CA_FILE', env.TENANTRY_DUMP_S3_CA_FILE, readFile, problems)
  return {
    endpoint: needed('TENANTRY_DUMP_S3_ENDPOINT', env.TENANTRY_DUMP_S3_ENDPOINT),
    region: env.TENANTRY_DUMP_S3_REGION,
    bucket: needed('TENANTRY_DUMP_S3_BUCKET', env.TENANTRY_DUMP_S3_BUCKET),
    prefix: env.TENANTRY_DUMP_S3_PREFIX,
    pathStyle: env.TENANTRY_DUMP_S3_PATH_STYLE,
    accessKey: secret('TENANTRY_DUMP_S3_ACCESS_KEY_FILE'),
    secretKey: secret('TENANTRY_DUMP_S3_SECRET_KEY_FILE'),
    ca: authorityIn(authority, 'TENANTRY_DUMP_S3_CA_FILE', problems),
    scratchFolder,
  }
}
