/** `license inspect`: the content of a license key, and whether it is valid. */
import { command } from './command.ts'
import { exitCodes, Failure } from './outside.ts'
import type { Outside } from './outside.ts'
import { outputOptions, printJson, printRows, wantsJson } from './output.ts'
import type { Row } from './output.ts'
import { clockTolerance } from '../license/judge-license.ts'
import type { License } from '../license/license.ts'
import { readPublicKeys } from '../license/public-keys.ts'
import type { PublicKeys } from '../license/public-keys.ts'
import { readUnverified, verifyLicense } from '../license/verify.ts'
import type { Fault, Verification } from '../license/verify.ts'
import { timestamp } from '../runtime/base/clock.ts'

export const licenseInspect = command({
  words: ['license', 'inspect'],
  summary: 'Shows the content of a license key and, with the public key, whether it is valid.',
  details: [
    'With -, the key is read from standard input, which keeps it out of the process list and the shell history. The output does not contain the key.',
    'Without --public-key the signature is not verified, so the content can be forged. The exit code is 1 for a key that is damaged, not signed by the given key, not valid yet, or expired.',
  ],
  operands: ['<key|->'],
  options: {
    'public-key': { value: 'FILE', description: 'The file with one or more public keys in PEM.' },
    ...outputOptions,
  },
  examples: [
    'kubectl tenantry license inspect - --public-key license.pub < northwind.license',
    "kubectl get secret northwind-license -o jsonpath='{.data.license}' | base64 -d | kubectl tenantry license inspect - -o json",
  ],
  run: async (values, [operand = '-'], outside) => {
    const json = wantsJson(values)
    const text = (operand === '-' ? await outside.input() : operand).trim()
    const keys = values['public-key'] === undefined ? undefined : await keysIn(values['public-key'], outside)
    const verification = keys === undefined ? readUnverified(text) : await verifyLicense(text, keys)
    const license = licenseIn(verification ?? damaged)
    const shown = shownOf(license, keys !== undefined, outside.clock.now())
    if (json) printJson(shown, outside)
    else printRows(rowsOf(shown), outside)
    return shown.state === 'Valid' ? exitCodes.done : exitCodes.failed
  },
})

async function keysIn(path: string, { files }: Outside): Promise<PublicKeys> {
  const pem = await files.read(path)
  try {
    return readPublicKeys(pem)
  } catch (error) {
    if (error instanceof RangeError) throw new Failure(`${path} ${error.message}.`)
    throw error
  }
}

const damaged: Verification = { kind: 'Faulty', fault: { kind: 'Malformed' } }

function licenseIn(verification: Verification): License {
  if (verification.kind === 'Verified') return verification.license
  throw new Failure(faults[verification.fault.kind](verification.fault))
}

const faults: Readonly<Record<Fault['kind'], (fault: Fault) => string>> = {
  NoKeys: () => 'There is no public key to verify with.',
  Malformed: () => 'This is not a license key, or it is damaged.',
  OtherToken: () => 'This token is not a license key.',
  UnknownKey: (fault) =>
    `This license is signed with the key ${'keyId' in fault ? fault.keyId : ''}, which is not among the given ones.`,
  BadSignature: () => 'The signature is invalid: the license was changed, or signed with another key.',
  BadClaims: (fault) =>
    `This license has missing or malformed claims: ${'claims' in fault ? fault.claims.join(', ') : ''}.`,
}

type State = 'Valid' | 'NotYetValid' | 'Expired'

interface Shown {
  readonly state: State
  readonly signature: 'Verified' | 'NotChecked'
  readonly id: string
  readonly issuer: string
  readonly cloudId: string
  readonly issuedAt: string
  readonly notBefore?: string
  readonly expiresAt: string
  readonly customers?: number
  readonly keyId: string
}

function shownOf(license: License, isVerified: boolean, now: number): Shown {
  const { id, issuer, cloudId, issuedAt, notBefore, expiresAt, customers, keyId } = license
  const begins = Math.max(issuedAt, notBefore ?? 0) - clockTolerance
  return {
    state: expiresAt <= now ? 'Expired' : begins > now ? 'NotYetValid' : 'Valid',
    signature: isVerified ? 'Verified' : 'NotChecked',
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

const states = { Valid: 'valid', NotYetValid: 'not valid yet', Expired: 'expired' } as const

function rowsOf(shown: Shown): readonly Row[] {
  return [
    { name: 'Cloud ID', value: shown.cloudId },
    { name: 'State', value: states[shown.state], tone: shown.state === 'Valid' ? 'good' : 'bad' },
    shown.signature === 'Verified'
      ? { name: 'Signature', value: 'verified', tone: 'good' }
      : { name: 'Signature', value: 'not checked; give --public-key', tone: 'bad' },
    { name: 'Expires', value: shown.expiresAt },
    { name: 'Customers', value: shown.customers === undefined ? 'no limit' : String(shown.customers) },
    ...(shown.notBefore === undefined ? [] : [{ name: 'Begins', value: shown.notBefore }]),
    { name: 'Issued', value: shown.issuedAt },
    { name: 'Issuer', value: printableLine(shown.issuer) },
    { name: 'License id', value: printableLine(shown.id) },
    { name: 'Key id', value: shown.keyId },
  ]
}

/** An unverified issuer may contain control sequences for a terminal. */
function printableLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?')
}
