/** The code for an ID token, and the ID token for an identity. */
import { errors, jwtVerify } from 'jose'
import type { JWTVerifyResult } from 'jose'
import * as client from 'openid-client'
import { credentialIn } from '../../runtime/base/credential.ts'
import type { Discovered, OidcPorts } from './provider-discovery.ts'
import type { Flow } from './flow.ts'
import { clockTolerance, fitsAtHash, idTokenProblem } from './id-token.ts'
import type { Claims, ExpectedToken } from './id-token.ts'
import { identityOf, isIncomplete } from './identity-claims.ts'
import { outcomeOf } from './library-errors.ts'
import { OutcomeError, refused, unavailable } from './oidc-outcome.ts'
import type { Accepted, Refused } from './oidc-outcome.ts'
import type { OidcSettings } from './settings.ts'

/**
 * `query`: the checked parameters of the callback.
 * @throws OutcomeError or an error of the libraries.
 */
export async function exchange(
  provider: Discovered,
  query: URLSearchParams,
  flow: Flow,
  expected: ExpectedToken,
  settings: OidcSettings,
  ports: OidcPorts,
): Promise<Accepted | Refused> {
  const config = configuration(provider, settings, await secretOf(settings, ports))
  const callback = new URL(flow.redirectUri)
  callback.search = query.toString()
  const { id_token: idToken = '', access_token: accessToken } = await tokensFor(config, callback, flow, expected)
  const { payload, protectedHeader } = await verifiedFromProvider(idToken, provider, expected)
  const { sub, sid } = payload
  const problem = idTokenProblem(payload, expected)
  if (problem !== undefined || sub === undefined) return refused(problem ?? 'WrongSubject')
  if (!fitsAtHash(payload['at_hash'], accessToken, protectedHeader.alg)) return refused('WrongAccessToken')
  const hasUserinfo = provider.metadata.userinfo_endpoint !== undefined && isIncomplete(payload, settings)
  const userinfo = hasUserinfo ? await userinfoOf(config, accessToken, sub) : {}
  const identity = identityOf({ ...payload, sub }, userinfo, settings)
  if ('kind' in identity) return identity
  return { kind: 'Accepted', identity, sid: typeof sid === 'string' ? sid : undefined, idToken }
}

async function tokensFor(
  config: client.Configuration,
  callback: URL,
  { verifier, state, nonce }: Flow,
  expected: ExpectedToken,
): Promise<client.TokenEndpointResponse> {
  try {
    return await client.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    })
  } catch (error) {
    throw new OutcomeError(outcomeOf(error, expected), error)
  }
}

/** The client as the provider knows it; without a secret for what needs none. */
export function configuration(
  { metadata, fetch }: Discovered,
  { clientID, insecureAllowHTTP }: Pick<OidcSettings, 'clientID' | 'insecureAllowHTTP'>,
  secret?: string,
): client.Configuration {
  const config = new client.Configuration(metadata, clientID, undefined, authenticationOf(metadata, secret))
  config[client.customFetch] = fetch
  if (insecureAllowHTTP) client.allowInsecureRequests(config)
  return config
}

/** client_secret_basic is the default of the specification; the encoding of its header is where servers differ. */
function authenticationOf(
  { token_endpoint_auth_methods_supported: methods }: client.ServerMetadata,
  secret: string | undefined,
): client.ClientAuth {
  if (secret === undefined) return client.None()
  const takesPost = methods?.includes('client_secret_post') === true
  return takesPost ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret)
}

async function secretOf({ clientSecretFile }: OidcSettings, { readFile }: OidcPorts): Promise<string | undefined> {
  if (clientSecretFile === undefined) return undefined
  const content = await readFile(clientSecretFile).catch((error: unknown) => {
    throw new OutcomeError(unavailable('ClientSecretFile'), error)
  })
  const secret = credentialIn(content)
  if (secret === undefined || secret === '') throw new OutcomeError(unavailable('ClientSecretFile'))
  return secret
}

/** The signature, and the claims that all tokens of a provider have. */
export function verified(
  token: string,
  { keys, algorithms, metadata }: Discovered,
  { clientID, now }: Pick<ExpectedToken, 'clientID' | 'now'>,
): Promise<JWTVerifyResult> {
  return jwtVerify(token, keys, {
    algorithms: [...algorithms],
    issuer: metadata.issuer,
    audience: clientID,
    clockTolerance,
    currentDate: new Date(now),
  })
}

/** The provider itself has just sent the token: an unknown key is a new one, and the keys are read again at once. */
async function verifiedFromProvider(
  token: string,
  provider: Discovered,
  expected: ExpectedToken,
): Promise<JWTVerifyResult> {
  try {
    return await verified(token, provider, expected)
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
    await provider.keys.reload()
    return verified(token, provider, expected)
  }
}

async function userinfoOf(config: client.Configuration, accessToken: string, sub: string): Promise<Claims> {
  try {
    return await client.fetchUserInfo(config, accessToken, sub)
  } catch (error) {
    const isOther = error instanceof client.ClientError && error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED'
    throw isOther ? new OutcomeError(refused('OtherUserinfo'), error) : error
  }
}
