/** The directories of the settings, as sign-in takes them. */
import type { SignInConfig } from '../config/sign-in-config.ts'
import type { Provider } from '../web/sign-in/providers.ts'
import { ldapProvider } from './ldap-provider.ts'
import { OidcSignIn } from './oidc-sign-in.ts'
import type { ProviderPorts } from './provider-ports.ts'

export interface Providers {
  readonly all: readonly Provider[]
  /** Ends all connections. */
  readonly close: () => Promise<void>
}

/** None of them is asked for anything before the first person comes. `publicUrl`: without a slash at the end. */
export function createProviders({ providers }: SignInConfig, publicUrl: string, ports: ProviderPorts): Providers {
  const all = providers.map((settings) =>
    settings.type === 'ldap' ? ldapProvider(settings, ports) : new OidcSignIn(settings, publicUrl, ports),
  )
  const close = async (): Promise<void> => {
    const open = all.filter((provider) => provider instanceof OidcSignIn)
    await Promise.all(open.map((provider) => provider.close()))
  }
  return { all, close }
}
