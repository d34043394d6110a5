/** Assembles sign-in from the caches, the cluster and the settings. */
import type { WebConfig } from '../config/web-config.ts'
import { untilSuccess } from '../runtime/base/until-success.ts'
import { AccountThrottle } from '../web/sign-in/account-throttle.ts'
import type { AuditRecord } from '../web/sign-in/audit.ts'
import { ensureRoot } from '../web/sign-in/ensure-root.ts'
import { HashSlots } from '../web/sign-in/hash-slots.ts'
import { defaultAttempts, defaultRefusalDelay } from '../web/sign-in/settings.ts'
import type { SignInSettings } from '../web/sign-in/settings.ts'
import type { SignInPorts } from '../web/sign-in/ports.ts'
import { runSessionCollection } from '../web/sessions/collect-sessions.ts'
import { defaultSessionSettings } from '../web/sessions/session-record.ts'
import { SessionStore } from '../web/sessions/session-store.ts'
import type { SignInContext } from '../web/routes/sign-in-context.ts'
import { createProviders } from './sign-in-providers.ts'
import type { ProviderPorts } from './provider-ports.ts'
import type { PagesAdapters } from './pages-ports.ts'
import type { PagesSources } from './pages-sources.ts'

/** Passwords that are hashed at a time: each takes 32 MiB. */
const hashesAtOnce = 2
const rootPauses = { base: 200, cap: 30_000 }

export interface SignIn {
  readonly context: Omit<SignInContext, 'views'>
  /** Keeps the root admin's Secret as it has to be, now and when it changes; removes sessions that have ended. */
  readonly run: (signal: AbortSignal) => Promise<void>
  /** Ends the connections to providers. */
  readonly close: () => Promise<void>
}

export interface SignInOutside extends PagesAdapters, Pick<ProviderPorts, 'keys'> {
  readonly sources: PagesSources
}

export function createSignIn(config: WebConfig, installation: string, outside: SignInOutside): SignIn {
  const { kube, clock, random, log, sources } = outside
  const { webNamespace, publicUrl, signIn } = config
  const times = { idle: signIn.session.idle, absolute: signIn.session.lifetime, most: defaultSessionSettings.most }
  const sessionSettings = { webNamespace, installation, ...times }
  const sessions = Object.assign(sources.sessions.cache, { live: () => sources.sessions.live() })
  const store = new SessionStore({ kube, sessions, clock, random }, sessionSettings)
  const providers = createProviders(signIn, publicUrl, outside)
  const settings = settingsOf(config, installation)
  const ports: SignInPorts = {
    kube,
    caches: { tenants: sources.tenants.cache, admins: sources.admins.cache, grants: sources.grants.cache },
    store,
    throttle: new AccountThrottle(),
    hashing: new HashSlots(hashesAtOnce),
    clock,
    random,
    log,
    audit: ({ type, ...fields }: AuditRecord) => log.info(type, { audit: true, ...fields }),
  }
  return {
    context: { ports, settings, providers: providers.all },
    run: async (signal) => {
      const root = () => keepRoot(ports, settings, signal)
      // It is deleted for a new password, and a person may put one into it.
      sources.root.onChange(() => void root())
      const collection = runSessionCollection({ kube, sessions, clock, random, log }, sessionSettings, signal)
      await Promise.all([root(), collection])
    },
    close: providers.close,
  }
}

/** Tries until it succeeds: without its Secret the root admin cannot sign in. */
function keepRoot(ports: SignInPorts, settings: SignInSettings, signal: AbortSignal): Promise<void> {
  const { clock, random, log } = ports
  const onFailure = (error: unknown) => log.warn("the root admin's Secret could not be made, trying again", { error })
  return untilSuccess(() => ensureRoot(ports, settings), { clock, random, pauses: rootPauses, signal, onFailure })
}

function settingsOf(config: WebConfig, installation: string): SignInSettings {
  const { publicUrl, productName, webNamespace, userPrefix, localSignIn, signIn } = config
  return {
    publicUrl,
    productName,
    webNamespace,
    installation,
    userPrefix,
    localSignIn,
    root: signIn.root,
    attempts: defaultAttempts,
    refusalDelay: defaultRefusalDelay,
  }
}
