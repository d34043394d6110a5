/** `license issue`: a license key for one tenant. */
import { command } from './command.ts'
import type { Values } from './command.ts'
import { exitCodes, Failure } from './outside.ts'
import type { Outside } from './outside.ts'
import { outputOptions, printJson, wantsJson } from './output.ts'
import { issueLicense } from '../license/issue.ts'
import type { License } from '../license/license.ts'
import { readPrivateKey } from '../license/private-key.ts'
import { keyIdOf } from '../license/public-keys.ts'
import { timestamp } from '../runtime/base/clock.ts'

const options = {
  'private-key': {
    value: 'FILE',
    required: true,
    description: 'The file with the private key in PEM (PKCS #8), as written by license keygen.',
  },
  'cloud-id': { value: 'ID', required: true, description: "The tenant's Cloud ID." },
  expires: {
    value: 'TIME',
    required: true,
    description:
      'When the license expires: at the end of a day (UTC) such as 2027-12-31, or at a time such as 2027-12-31T12:00:00Z.',
  },
  customers: {
    value: 'NUMBER',
    description: 'The maximum number of customers of an MSP. Default: no limit.',
  },
  'not-before': {
    value: 'TIME',
    description: 'When the license becomes valid: at the beginning of a day (UTC), or at a time. Default: at once.',
  },
  issuer: { value: 'NAME', description: 'The issuer of the license. Default: tenantry.' },
  ...outputOptions,
} as const

export const licenseIssue = command({
  words: ['license', 'issue'],
  summary: 'Issues and prints a license key for the tenant with a Cloud ID.',
  details: [
    'The key is one line of text. Put it into a Secret of type tenantry.dev/license and name the Secret in spec.license.secretRef of the Tenant, or put it into spec.license.key. Only that tenant can use it.',
  ],
  operands: [],
  options,
  examples: [
    'kubectl tenantry license issue --private-key license.key --cloud-id northwind --expires 2027-12-31 --customers 50',
  ],
  run: async (values, _operands, outside) => {
    const json = wantsJson(values)
    const license = licenseFrom(values, outside)
    const path = values['private-key']
    const privateKey = privateKeyIn(path, await outside.files.read(path))
    if (await outside.files.isShared(path))
      outside.remark(`Other users can read ${path}. Restrict it to yourself: chmod 600 ${path}`)
    const key = await issueLicense(license, privateKey)
    if (json) printJson({ key, ...printable(license, keyIdOf(privateKey)) }, outside)
    else outside.print(`${key}\n`)
    return exitCodes.done
  },
})

function privateKeyIn(path: string, pem: string) {
  try {
    return readPrivateKey(pem)
  } catch (error) {
    if (error instanceof RangeError) throw new Failure(`${path} ${error.message}.`)
    throw error
  }
}

function printable(
  { id, issuer, cloudId, issuedAt, expiresAt, notBefore, customers }: Omit<License, 'keyId'>,
  keyId: string,
) {
  return {
    id,
    issuer,
    cloudId,
    issuedAt: timestamp(issuedAt),
    ...(notBefore === undefined ? {} : { notBefore: timestamp(notBefore) }),
    expiresAt: timestamp(expiresAt),
    ...(customers === undefined ? {} : { customers }),
    keyId,
  }
}

/** @throws Failure for values that no license can have */
function licenseFrom(values: Values<typeof options>, { clock, uuid }: Outside): Omit<License, 'keyId'> {
  const cloudId = values['cloud-id']
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(cloudId))
    throw wrong(`--cloud-id ${cloudId} is no Cloud ID: lower-case letters, digits and inner hyphens, at most 40.`)
  const expiresAt = timeIn('--expires', values.expires, 'T23:59:59Z')
  const now = clock.now()
  if (expiresAt <= now) throw wrong(`--expires ${values.expires} is in the past.`)
  const notBefore =
    values['not-before'] === undefined ? undefined : timeIn('--not-before', values['not-before'], 'T00:00:00Z')
  if (notBefore !== undefined && notBefore >= expiresAt) throw wrong('--not-before is not before --expires.')
  const { issuer = 'tenantry' } = values
  if (issuer.length === 0 || issuer.length > 200) throw wrong('--issuer must have 1 to 200 characters.')
  return { id: uuid(), issuer, cloudId, issuedAt: now, notBefore, expiresAt, customers: customersIn(values.customers) }
}

function customersIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,6}$/.test(text) || Number(text) > 100_000)
    throw wrong(`--customers ${text} is not a whole number from 0 to 100000.`)
  return Number(text)
}

const day = /^\d{4}-\d{2}-\d{2}$/
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/

function timeIn(option: string, text: string, ofDay: string): number {
  const form = day.test(text) ? `${text}${ofDay}` : text
  const parsed = time.test(form) ? Date.parse(form) : Number.NaN
  // Date.parse takes the 31st of a month with 30 days for the 1st of the next.
  const isReal = !day.test(text) || (!Number.isNaN(parsed) && timestamp(parsed).startsWith(text))
  if (Number.isNaN(parsed) || !isReal)
    throw wrong(`${option} ${text} is neither a day such as 2027-12-31 nor a time such as 2027-12-31T12:00:00Z.`)
  return parsed
}

function wrong(sentence: string): Failure {
  return new Failure(sentence, exitCodes.usage)
}
