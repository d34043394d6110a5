/**
 * One OIDC provider: the authorization code flow with PKCE, state and nonce, and logout from both sides. No call waits longer
 * than {@link operationLimit}, and what is wrong at the provider is an outcome, not an error.
 */
import { createHash } from 'node:crypto'
import { decodeProtectedHeader } from 'jose'
import * as client from 'openid-client'
import { DeadlineExceeded, within } from '../../runtime/base/deadline.ts'
import { returnPath } from '../http/return-path.ts'
import { readCallback } from './callback.ts'
import { Discovery } from './provider-discovery.ts'
import type { OidcPorts } from './provider-discovery.ts'
import { configuration, exchange, verified } from './exchange.ts'
import type { Flow } from './flow.ts'
import { clockTolerance, signingAlgorithms } from './id-token.ts'
import { outcomeOf } from './library-errors.ts'
import { isLogoutType, logoutTokenAge, longestLogoutToken, readLogoutClaims } from './logout-token.ts'
import { refused, unavailable } from './oidc-outcome.ts'
import type { Accepted, LogoutRequested, Refused, Unavailable } from './oidc-outcome.ts'
import { ReplayMemory } from './replay-memory.ts'
import type { OidcSettings } from './settings.ts'

/** Milliseconds. */
const operationLimit = 10_000

export interface Redirect {
  readonly kind: 'Redirect'
  /** Where the browser goes. */
  readonly url: string
  /** To be sealed (flow-cookie.ts) and given to {@link OidcProvider.complete}, once. */
  readonly flow: Flow
}

export interface OidcProvider {
  readonly settings: OidcSettings
  /** `returnTo` that is no path of this application becomes `/`. */
  begin(request: { readonly redirectUri: string; readonly returnTo: unknown }): Promise<Redirect | Unavailable>
  /** `callbackUrl`: the URL of the request; only its query counts. */
  complete(callbackUrl: string, flow: Flow): Promise<Accepted | Refused | Unavailable>
  /** Where the browser goes to end the session at the provider (RP-Initiated Logout 1.0); undefined: nowhere. */
  logoutUrl(idToken: string, postLogoutRedirectUri: string): Promise<string | undefined>
  /** Accepts a logout token once (Back-Channel Logout 1.0). */
  verifyLogoutToken(token: string): Promise<LogoutRequested | Refused | Unavailable>
  /** Ends all connections. */
  close(): Promise<void>
}

/** Makes no request until the first call. */
export function createOidcProvider(settings: OidcSettings, ports: OidcPorts): OidcProvider {
  return new Provider(settings, ports)
}

class Provider implements OidcProvider {
  readonly settings: OidcSettings
  readonly #ports: OidcPorts
  readonly #discovery: Discovery
  readonly #logouts = new ReplayMemory((logoutTokenAge + 2 * clockTolerance) * 1000)

  constructor(settings: OidcSettings, ports: OidcPorts) {
    this.settings = settings
    this.#ports = ports
    this.#discovery = new Discovery(settings, ports)
  }

  async begin({ redirectUri, returnTo }: Parameters<OidcProvider['begin']>[0]): Promise<Redirect | Unavailable> {
    const { clock, random } = this.#ports
    const secret = (): string => random.bytes(32).toString('base64url')
    const flow: Flow = {
      provider: this.settings.id,
      state: secret(),
      nonce: secret(),
      verifier: secret(),
      redirectUri,
      returnTo: returnPath(returnTo) ?? '/',
      issuedAt: clock.now(),
    }
    const outcome = await this.#attempt(async () => this.#authorizationUrl(flow))
    if (typeof outcome === 'string') return { kind: 'Redirect', url: outcome, flow }
    return outcome.kind === 'Unavailable' ? outcome : unavailable('Protocol', outcome.reason)
  }

  async #authorizationUrl(flow: Flow): Promise<string> {
    const config = configuration(await this.#discovery.provider(), this.settings)
    const { href } = client.buildAuthorizationUrl(config, {
      redirect_uri: flow.redirectUri,
      scope: this.settings.scopes.join(' '),
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: createHash('sha256').update(flow.verifier, 'ascii').digest('base64url'),
      code_challenge_method: 'S256',
    })
    return href
  }

  async complete(callbackUrl: string, flow: Flow): Promise<Accepted | Refused | Unavailable> {
    const url = URL.parse(callbackUrl)
    if (url === null) return refused('MalformedCallback')
    if (flow.provider !== this.settings.id) return refused('OtherProvider')
    return this.#attempt(async () => {
      const provider = await this.#discovery.provider()
      const { issuer, authorization_response_iss_parameter_supported: issRequired = false } = provider.metadata
      const query = readCallback(url.searchParams, { state: flow.state, issuer, issRequired })
      if ('kind' in query) return query
      const { clientID } = this.settings
      const expected = { issuer, clientID, nonce: flow.nonce, now: this.#ports.clock.now() }
      return exchange(provider, query, flow, expected, this.settings, this.#ports)
    })
  }

  async logoutUrl(idToken: string, postLogoutRedirectUri: string): Promise<string | undefined> {
    if (!this.settings.endSession) return undefined
    const outcome = await this.#attempt(async () => {
      const provider = await this.#discovery.provider()
      if (provider.metadata.end_session_endpoint === undefined) return undefined
      return client.buildEndSessionUrl(configuration(provider, this.settings), {
        id_token_hint: idToken,
        post_logout_redirect_uri: postLogoutRedirectUri,
      }).href
    })
    return typeof outcome === 'string' ? outcome : undefined
  }

  async verifyLogoutToken(token: string): Promise<LogoutRequested | Refused | Unavailable> {
    const header = token.length > longestLogoutToken ? undefined : headerOf(token)
    if (header === undefined) return refused('MalformedToken')
    // Before any request: strangers may send what they like.
    if (!signingAlgorithms.includes(header.alg ?? '')) return refused('WrongAlgorithm')
    if (!isLogoutType(header.typ)) return refused('WrongType')
    return this.#attempt(async () => {
      const provider = await this.#discovery.provider()
      const now = this.#ports.clock.now()
      const { payload } = await verified(token, provider, { clientID: this.settings.clientID, now })
      const outcome = readLogoutClaims(payload, now)
      if (outcome.kind === 'Refused') return outcome
      return this.#logouts.use(outcome.jti, this.#ports.clock.monotonic()) ? outcome : refused('Replayed')
    })
  }

  close(): Promise<void> {
    return this.#discovery.close()
  }

  /** What the provider says of itself is read again after a failure: it may have moved. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | Refused | Unavailable> {
    try {
      return await within(this.#ports.clock, operationLimit, work())
    } catch (error) {
      const outcome = error instanceof DeadlineExceeded ? unavailable('Timeout') : outcomeOf(error)
      if (outcome.kind === 'Unavailable') this.#discovery.forget()
      return outcome
    }
  }
}

function headerOf(token: string): { readonly alg?: string | undefined; readonly typ?: string | undefined } | undefined {
  try {
    return decodeProtectedHeader(token)
  } catch {
    return undefined
  }
}
