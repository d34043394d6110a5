/** The directories of the settings, as sign-in takes them: their outcomes in its words, and what failed in the log. */
import { readFile } from 'node:fs/promises'
import type { SignInConfig } from '../config/sign-in-config.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import type { Logger } from '../runtime/logging/log.ts'
import type { ReadKeys } from '../tenantadmin/invite/signing-keys.ts'
import { createLdapDirectory } from '../web/ldap/directory.ts'
import type { LdapSettings } from '../web/ldap/settings.ts'
import { connectHttp } from '../web/oidc/bounded-http.ts'
import { flowKey, openFlow, sealFlow } from '../web/oidc/flow-cookie.ts'
import type { Flow } from '../web/oidc/flow.ts'
import type { Unavailable } from '../web/oidc/oidc-outcome.ts'
import { createOidcProvider } from '../web/oidc/provider.ts'
import type { OidcSettings } from '../web/oidc/settings.ts'
import type { LdapProvider, OidcProvider, Provider, ProviderUnavailable } from '../web/sign-in/providers.ts'

export interface ProviderPorts {
  readonly keys: ReadKeys
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

export interface Providers {
  readonly all: readonly Provider[]
  /** Ends all connections. */
  readonly close: () => Promise<void>
}

/** None of them is asked for anything before the first person comes. `publicUrl`: without a slash at the end. */
export function createProviders({ providers }: SignInConfig, publicUrl: string, ports: ProviderPorts): Providers {
  const made = providers.map((settings) =>
    settings.type === 'ldap'
      ? { provider: ldapProvider(settings, ports), close: () => Promise.resolve() }
      : oidcProvider(settings, publicUrl, ports),
  )
  return {
    all: made.map(({ provider }) => provider),
    close: async () => void (await Promise.all(made.map(({ close }) => close()))),
  }
}

function ldapProvider(settings: LdapSettings, { clock, log }: ProviderPorts): LdapProvider {
  const { id, name, usernamePrompt } = settings
  const directory = createLdapDirectory(settings, { clock })
  return {
    kind: 'ldap',
    id,
    name,
    usernamePrompt,
    authenticate: async (username, password, signal) => {
      const answer = await directory.authenticate(username, password, signal)
      switch (answer.outcome) {
        case 'accepted':
          if (answer.note !== undefined) log.info('a part of a directory entry is left out', { id, what: answer.note })
          return { kind: 'Accepted', identity: answer.identity }
        case 'refused':
          log.info('a directory refused a sign-in', { id, reason: answer.reason, what: answer.message })
          return { kind: 'Refused', reason: answer.reason }
        case 'unavailable':
          log.warn('a directory could not decide', { id, reason: answer.class, what: answer.message })
          return { kind: 'Unavailable', reason: answer.class }
      }
    },
  }
}

/** What a flow's cookie is sealed for; a key of this purpose opens nothing else. */
const purpose = 'flow cookie'

function oidcProvider(settings: OidcSettings, publicUrl: string, ports: ProviderPorts) {
  const { clock, random, log } = ports
  const { id, name } = settings
  const made = createOidcProvider(settings, {
    clock,
    random,
    readFile: (path) => readFile(path, 'utf8'),
    connect: connectHttp,
  })
  const failed = ({ reason, detail }: Unavailable): ProviderUnavailable => {
    log.warn('an identity provider could not decide', { id, reason, detail })
    return { kind: 'Unavailable', reason }
  }
  const provider: OidcProvider = {
    kind: 'oidc',
    id,
    name,
    begin: async (returnTo) => {
      const redirectUri = `${publicUrl}/sign-in/${id}/callback`
      const begun = await made.begin({ redirectUri, returnTo })
      if (begun.kind === 'Unavailable') return failed(begun)
      const flow = await sealed(begun.flow, ports)
      return flow === undefined
        ? failed({ kind: 'Unavailable', reason: 'Keys', detail: 'signing keys' })
        : { ...begun, flow }
    },
    complete: async (callbackUrl, cookie) => {
      const flow = await opened(cookie, id, ports)
      if (flow === undefined) return { kind: 'Refused', reason: 'WrongState' }
      const answer = await made.complete(callbackUrl, flow)
      if (answer.kind === 'Unavailable') return failed(answer)
      if (answer.kind === 'Accepted') {
        const { identity, sid, idToken } = answer
        return { kind: 'Accepted', identity, oidc: { sid, idToken }, returnTo: flow.returnTo }
      }
      log.info('an identity provider refused a sign-in', { id, reason: answer.reason, detail: answer.detail })
      return { kind: 'Refused', reason: answer.reason }
    },
    logoutUrl: (idToken) => made.logoutUrl(idToken, `${publicUrl}/sign-in`),
    verifyLogoutToken: async (token) => {
      const answer = await made.verifyLogoutToken(token)
      return answer.kind === 'Unavailable' ? failed(answer) : answer
    },
  }
  return { provider, close: () => made.close() }
}

/** Under the key that signs invites now, whose id comes first: any replica can open it. */
async function sealed(flow: Flow, { keys, random }: ProviderPorts): Promise<string | undefined> {
  const { current } = await keys()
  return current && `${current.id}.${sealFlow(flow, flowKey(current.secret, purpose), random)}`
}

async function opened(
  cookie: string | undefined,
  provider: string,
  { keys, clock }: ProviderPorts,
): Promise<Flow | undefined> {
  const [, id = '', seal = ''] = /^([a-z2-7]{8})\.([A-Za-z0-9_-]+)$/.exec(cookie ?? '') ?? []
  const key = (await keys()).find(id)
  return key && openFlow(seal, { key: flowKey(key.secret, purpose), provider, now: clock.now() })
}
