/**
 * X.509 certificates (RFC 5280) for servers on the loopback, so that every client in the tests verifies what it talks
 * to. Node has no issuer of its own, and openssl is not on every machine.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import {
  bitString,
  boolean,
  context,
  contextBytes,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8,
} from './der.ts'

export interface Certificate {
  /** PEM */
  readonly certificate: string
  /** PEM, PKCS #8 */
  readonly key: string
}

export interface Authority extends Certificate {
  /**
   * A certificate for a server that is reached by these DNS names and IPv4 addresses. `until`: in milliseconds since the epoch,
   * within the last day for one that has expired.
   */
  issue(commonName: string, hosts: readonly string[], until?: number): Certificate
}

const DAY = 86_400_000
const VALID_FOR = 3650 * DAY
const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))

/** A new certificate authority with a P-256 key. Its certificates are valid from yesterday, for ten years. */
export function createAuthority(commonName: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer: Issuer = { commonName, key: own.privateKey, keyId: keyId(own.publicKey) }
  const certificate = build(issuer, commonName, own.publicKey, [
    extension('2.5.29.19', sequence(boolean(true)), 'critical'),
    // keyCertSign and cRLSign
    extension('2.5.29.15', bitString(Buffer.of(0x06), 1), 'critical'),
  ])
  return {
    certificate,
    key: pem(own.privateKey),
    issue(name, hosts, until) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const extensions = serverExtensions(issuer, hosts)
      return { certificate: build(issuer, name, pair.publicKey, extensions, until), key: pem(pair.privateKey) }
    },
  }
}

interface Issuer {
  readonly commonName: string
  readonly key: KeyObject
  readonly keyId: Buffer
}

function serverExtensions(issuer: Issuer, hosts: readonly string[]): Buffer[] {
  const names = hosts.map((host) =>
    isIP(host) === 4
      ? contextBytes(7, Buffer.from(host.split('.').map(Number)))
      : contextBytes(2, Buffer.from(host, 'ascii')),
  )
  return [
    extension('2.5.29.19', sequence(), 'critical'),
    // digitalSignature
    extension('2.5.29.15', bitString(Buffer.of(0x80), 7), 'critical'),
    // serverAuth
    extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', sequence(...names)),
    extension('2.5.29.35', sequence(contextBytes(0, issuer.keyId))),
  ]
}

function build(
  issuer: Issuer,
  subject: string,
  key: KeyObject,
  extensions: readonly Buffer[],
  until = Date.now() + VALID_FOR,
): string {
  const version3 = context(0, integer(Buffer.of(2)))
  const body = sequence(
    version3,
    integer(Buffer.concat([Buffer.of(0x40), randomBytes(15)])),
    ecdsaWithSha256,
    distinguishedName(issuer.commonName),
    sequence(time(new Date(Date.now() - DAY)), time(new Date(until))),
    distinguishedName(subject),
    key.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...extensions, extension('2.5.29.14', octetString(keyId(key))))),
  )
  const signature = sign('sha256', body, { key: issuer.key, dsaEncoding: 'der' })
  const der = sequence(body, ecdsaWithSha256, bitString(signature, 0))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8(commonName))))
}

function extension(id: string, value: Buffer, critical?: 'critical'): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value))
}

/** RFC 5280, 4.2.1.2, method 1 hashes the bare key; any unique value does as well, so the whole SPKI is hashed. */
function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
