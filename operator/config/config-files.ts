/** Reads the files that settings name: secrets and keys are not in the environment. Pure. */
import { readPublicKeys } from '../license/public-keys.ts'
import type { PublicKeys } from '../license/public-keys.ts'

export type ReadFile = (path: string) => string

/** The content of the files that settings name. */
export interface Files {
  readonly smtpCa: string | undefined
  readonly licenseKeys: PublicKeys
}

const licenseKeysFile = 'TENANTRY_LICENSE_PUBLIC_KEYS_FILE'

type FileVariable = 'TENANTRY_SMTP_PASSWORD_FILE' | 'TENANTRY_SMTP_CA_FILE' | typeof licenseKeysFile

type Paths = Readonly<Partial<Record<FileVariable, string | undefined>>>

/** Adds a sentence to `problems` for each file that cannot be used. */
export function filesOf(env: Paths, readFile: ReadFile, problems: string[]): Files {
  const read = (name: FileVariable) => contentOf(name, env[name], readFile, problems)
  // Read again for each login (mail/password-file.ts); here only so that a wrong path is reported at the start.
  read('TENANTRY_SMTP_PASSWORD_FILE')
  return {
    smtpCa: authorityIn(read('TENANTRY_SMTP_CA_FILE'), 'TENANTRY_SMTP_CA_FILE', problems),
    licenseKeys: publicKeysIn(read(licenseKeysFile), problems),
  }
}

/** The content of the file that the variable `name` names; undefined, with a sentence in `problems`, where it cannot be read. */
export function contentOf(
  name: string,
  path: string | undefined,
  readFile: ReadFile,
  problems: string[],
): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFile(path)
  } catch {
    problems.push(`${name} names a file that cannot be read.`)
    return undefined
  }
}

/** The certificates to trust. An empty file would mean the system's: TLS treats an empty list as absent. */
export function authorityIn(pem: string | undefined, name: string, problems: string[]): string | undefined {
  if (pem?.trim() === '') problems.push(`${name} names a file without a certificate.`)
  return pem
}

function publicKeysIn(pem: string | undefined, problems: string[]): PublicKeys {
  if (pem === undefined) return new Map()
  try {
    return readPublicKeys(pem)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    problems.push(`The file of ${licenseKeysFile} ${error.message}.`)
    return new Map()
  }
}
