/**
 * What a provider says about itself (OpenID Connect Discovery 1.0), and its keys. Read when it is needed: a provider may be down
 * while Tenantry starts, and change while it runs.
 */
import { createRemoteJWKSet, customFetch as keyFetch } from 'jose'
import { allowInsecureRequests, customFetch, discovery } from 'openid-client'
import type { CustomFetch, ServerMetadata } from 'openid-client'
import type { Clock, Random } from '../../runtime/base/clock.ts'
import type { Connect, HttpClient } from './bounded-http.ts'
import { signingAlgorithms } from './id-token.ts'
import { OutcomeError, unavailable } from './oidc-outcome.ts'
import type { OidcSettings } from './settings.ts'

/** Milliseconds after which the document is read again. */
const documentAge = 10 * 60_000

/** Milliseconds between two reads of the keys because of an unknown one; logout tokens of strangers name such keys. */
const keyCooldown = 5_000

export interface OidcPorts {
  readonly clock: Clock
  readonly random: Random
  readonly readFile: (path: string) => Promise<string>
  readonly connect: Connect
}

/** A provider as it was found. */
export interface Discovered {
  readonly metadata: ServerMetadata
  readonly keys: ReturnType<typeof createRemoteJWKSet>
  /** The asymmetric algorithms that the provider signs with. */
  readonly algorithms: readonly string[]
  readonly fetch: CustomFetch
}

type DiscoverySettings = Pick<OidcSettings, 'issuerURL' | 'clientID' | 'rootCA' | 'insecureAllowHTTP'>

export class Discovery {
  readonly #settings: DiscoverySettings
  readonly #ports: OidcPorts
  #found: { readonly at: number; readonly provider: Discovered } | undefined
  #pending: Promise<Discovered> | undefined
  #http: { readonly ca: string | undefined; readonly client: HttpClient } | undefined

  constructor(settings: DiscoverySettings, ports: OidcPorts) {
    this.#settings = settings
    this.#ports = ports
  }

  /**
   * Callers at the same time share one request.
   * @throws OutcomeError or an error of the libraries.
   */
  async provider(): Promise<Discovered> {
    const now = this.#ports.clock.monotonic()
    if (this.#found !== undefined && now - this.#found.at < documentAge) return this.#found.provider
    this.#pending ??= this.#discover().finally(() => (this.#pending = undefined))
    return this.#pending
  }

  /** The next call reads the document and the keys again. */
  forget(): void {
    this.#found = undefined
  }

  async close(): Promise<void> {
    this.forget()
    await this.#http?.client.close()
    this.#http = undefined
  }

  async #discover(): Promise<Discovered> {
    const { issuerURL, clientID, insecureAllowHTTP } = this.#settings
    const client = await this.#client()
    const fetch: CustomFetch = (url, init) => client.fetch(url, init)
    const execute = insecureAllowHTTP ? [allowInsecureRequests] : []
    const options = { [customFetch]: fetch, execute }
    const metadata = (await discovery(new URL(issuerURL), clientID, undefined, undefined, options)).serverMetadata()
    const provider = { metadata, fetch, algorithms: algorithmsOf(metadata), keys: keysOf(metadata, client) }
    this.#found = { at: this.#ports.clock.monotonic(), provider }
    return provider
  }

  /** The file with the authorities is read anew with each document. */
  async #client(): Promise<HttpClient> {
    const { rootCA, insecureAllowHTTP } = this.#settings
    const ca = rootCA === undefined ? undefined : await this.#authorities(rootCA)
    if (this.#http !== undefined && this.#http.ca === ca) return this.#http.client
    const former = this.#http
    const client = this.#ports.connect({ clock: this.#ports.clock, ca, allowHTTP: insecureAllowHTTP })
    this.#http = { ca, client }
    await former?.client.close()
    return client
  }

  async #authorities(path: string): Promise<string> {
    try {
      return await this.#ports.readFile(path)
    } catch (error) {
      throw new OutcomeError(unavailable('RootCAFile'), error)
    }
  }
}

/** RS256 is what a provider signs with that names none (Discovery 1.0, section 3). */
function algorithmsOf({ id_token_signing_alg_values_supported: named = ['RS256'] }: ServerMetadata): readonly string[] {
  const usable = named.filter((algorithm) => signingAlgorithms.includes(algorithm))
  if (usable.length === 0) throw new OutcomeError(unavailable('NoAlgorithm'))
  return usable
}

function keysOf({ jwks_uri: url }: ServerMetadata, { fetch }: HttpClient): Discovered['keys'] {
  const parsed = url === undefined ? null : URL.parse(url)
  if (parsed === null) throw new OutcomeError(unavailable('Keys', 'no_jwks_uri'))
  return createRemoteJWKSet(parsed, { cooldownDuration: keyCooldown, [keyFetch]: fetch })
}
