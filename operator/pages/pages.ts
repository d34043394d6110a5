/** Starts the pages, as the configuration says. */
import type { WebConfig } from '../config/web-config.ts'
import { buildApp } from '../web/app.ts'
import type { WebPorts } from '../web/accept/ports.ts'
import { defaultDeadLinkDelay, defaultRateLimit } from '../web/accept/settings.ts'
import type { WebSettings } from '../web/accept/settings.ts'
import type { SignInContext } from '../web/routes/sign-in-context.ts'
import { signInRoutes } from '../web/routes/sign-in-routes.ts'

export interface Pages {
  /** Lets the answers in progress finish. */
  readonly close: () => Promise<void>
}

/** Throws when the port cannot be listened on. */
export async function startPages(
  config: WebConfig,
  installation: string,
  ports: WebPorts,
  signIn: Omit<SignInContext, 'views'>,
): Promise<Pages> {
  const settings: WebSettings = {
    publicUrl: config.publicUrl,
    webNamespace: config.webNamespace,
    installation,
    productName: config.productName,
    localSignIn: config.localSignIn,
    trustProxy: config.listen.trustProxy,
    rateLimit: defaultRateLimit,
    deadLinkDelay: defaultDeadLinkDelay,
  }
  const app = await buildApp(ports, settings, (made, views) => void signInRoutes(made, { ...signIn, views }))
  await app.listen({ port: config.listen.web, host: config.listen.address })
  return { close: () => app.close() }
}
