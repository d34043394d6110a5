/**
 * The API server's address and the operator's credentials, from client-node's KubeConfig: addresses, tokens, the
 * rotating in-cluster token file, client certificates, exec plugins. Only its public methods are used.
 */
import type { KubeConfig } from './kubeconfig.ts'
import type { RequestOptions } from 'node:https'
import { createHash } from 'node:crypto'

import type { Clock } from '../runtime/base/clock.ts'

/** How long credentials are used before KubeConfig is asked again; it reads files and caches exec tokens itself. */
const freshFor = 10_000

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsOptions
  /** Changes with `tls`, so that connections with the old one are abandoned. */
  readonly tlsDigest: string
}

export type TlsOptions = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'rejectUnauthorized' | 'servername'
>

export class CredentialSource {
  readonly #config: KubeConfig
  readonly #clock: Clock
  #known: { readonly at: number; readonly credentials: Promise<Credentials> } | undefined

  constructor(config: KubeConfig, clock: Clock) {
    this.#config = config
    this.#clock = clock
  }

  get(): Promise<Credentials> {
    const now = this.#clock.monotonic()
    if (this.#known === undefined || now - this.#known.at > freshFor) {
      const credentials = read(this.#config)
      this.#known = { at: now, credentials }
      credentials.catch(() => this.forget())
    }
    return this.#known.credentials
  }

  /** The server refused them: they are read again for the next request. */
  forget(): void {
    this.#known = undefined
  }
}

async function read(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const headers: Record<string, string> = {}
  if (typeof options.auth === 'string')
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value)
  }
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options
  const tls = Object.fromEntries(
    Object.entries({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }).filter(
      ([, value]) => value !== undefined,
    ),
  )
  return { headers, tls, tlsDigest: digest(tls) }
}

function digest(tls: TlsOptions): string {
  const hash = createHash('sha256')
  for (const [name, value] of Object.entries(tls)) {
    hash.update(`${name}=${Buffer.isBuffer(value) ? value.toString('base64') : JSON.stringify(value)}\n`)
  }
  return hash.digest('base64')
}
