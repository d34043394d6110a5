/** An OIDC provider as sign-in takes it: the flow sealed for the browser, the outcomes in its words, what failed in the log. */
import { readFile } from 'node:fs/promises'
import { connectHttp } from '../web/oidc/bounded-http.ts'
import { flowKey, openFlow, sealFlow } from '../web/oidc/flow-cookie.ts'
import type { Flow } from '../web/oidc/flow.ts'
import { unavailable } from '../web/oidc/oidc-outcome.ts'
import type { Unavailable } from '../web/oidc/oidc-outcome.ts'
import { createOidcProvider } from '../web/oidc/provider.ts'
import type { OidcProvider as Outside } from '../web/oidc/provider.ts'
import type { OidcSettings } from '../web/oidc/settings.ts'
import type {
  LogoutRequest,
  OidcOutcome,
  OidcProvider,
  OidcRedirect,
  ProviderRefused,
  ProviderUnavailable,
} from '../web/sign-in/providers.ts'
import type { ProviderPorts } from './provider-ports.ts'

/** What a flow's cookie is sealed for; a key of this purpose opens nothing else. */
const purpose = 'flow cookie'

/** The flow's cookie: the id of the signing key, and the seal. */
const cookieShape = /^([a-z2-7]{8})\.([A-Za-z0-9_-]+)$/

export class OidcSignIn implements OidcProvider {
  readonly kind = 'oidc'
  readonly id: string
  readonly name: string
  readonly #publicUrl: string
  readonly #outside: Outside
  readonly #ports: ProviderPorts

  constructor(settings: OidcSettings, publicUrl: string, ports: ProviderPorts) {
    const { clock, random } = ports
    this.id = settings.id
    this.name = settings.name
    this.#publicUrl = publicUrl
    this.#ports = ports
    const readText = (path: string) => readFile(path, 'utf8')
    this.#outside = createOidcProvider(settings, { clock, random, readFile: readText, connect: connectHttp })
  }

  async begin(returnTo: string): Promise<OidcRedirect | ProviderUnavailable> {
    const redirectUri = `${this.#publicUrl}/sign-in/${this.id}/callback`
    const begun = await this.#outside.begin({ redirectUri, returnTo })
    if (begun.kind === 'Unavailable') return this.#failed(begun)
    const flow = await this.#sealed(begun.flow)
    return flow === undefined ? this.#failed(unavailable('Keys', 'there is no signing key')) : { ...begun, flow }
  }

  async complete(callbackUrl: string, cookie: string | undefined): Promise<OidcOutcome> {
    const flow = await this.#opened(cookie)
    if (flow === undefined) return { kind: 'Refused', reason: 'WrongState' }
    const answer = await this.#outside.complete(callbackUrl, flow)
    if (answer.kind === 'Unavailable') return this.#failed(answer)
    if (answer.kind === 'Refused') {
      const { reason, detail } = answer
      this.#ports.log.info('an identity provider refused a sign-in', { id: this.id, reason, detail })
      return { kind: 'Refused', reason }
    }
    const { identity, sid, idToken } = answer
    return { kind: 'Accepted', identity, oidc: { sid, idToken }, returnTo: flow.returnTo }
  }

  logoutUrl(idToken: string): Promise<string | undefined> {
    return this.#outside.logoutUrl(idToken, `${this.#publicUrl}/sign-in`)
  }

  async verifyLogoutToken(token: string): Promise<LogoutRequest | ProviderRefused | ProviderUnavailable> {
    const answer = await this.#outside.verifyLogoutToken(token)
    return answer.kind === 'Unavailable' ? this.#failed(answer) : answer
  }

  close(): Promise<void> {
    return this.#outside.close()
  }

  #failed({ reason, detail }: Unavailable): ProviderUnavailable {
    this.#ports.log.warn('an identity provider could not decide', { id: this.id, reason, detail })
    return { kind: 'Unavailable', reason }
  }

  /** Under the key that signs invites now, so that any replica can open it. */
  async #sealed(flow: Flow): Promise<string | undefined> {
    const { current } = await this.#ports.keys()
    return current && `${current.id}.${sealFlow(flow, flowKey(current.secret, purpose), this.#ports.random)}`
  }

  async #opened(cookie: string | undefined): Promise<Flow | undefined> {
    const { keys, clock } = this.#ports
    const [, id = '', seal = ''] = cookieShape.exec(cookie ?? '') ?? []
    const key = (await keys()).find(id)
    return key && openFlow(seal, { key: flowKey(key.secret, purpose), provider: this.id, now: clock.now() })
  }
}
