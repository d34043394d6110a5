/** Starts the web pages, as the configuration says. */
import type { Config } from '../config/config.ts'
import { buildApp } from '../web/app.ts'
import type { WebPorts } from '../web/accept/ports.ts'
import { defaultDeadLinkDelay, defaultRateLimit } from '../web/accept/settings.ts'

export interface Web {
  /** Lets the answers in progress finish. */
  readonly close: () => Promise<void>
}

/** Throws when the port cannot be listened on. */
export async function startWeb(config: Config, installation: string, ports: WebPorts): Promise<Web> {
  const app = await buildApp(ports, {
    publicUrl: config.publicUrl,
    operatorNamespace: config.namespace,
    installation,
    productName: config.smtp?.from.name ?? 'Tenantry',
    localSignIn: config.invite.localSignIn,
    trustProxy: config.listen.trustProxy,
    rateLimit: defaultRateLimit,
    deadLinkDelay: defaultDeadLinkDelay,
  })
  await app.listen({ port: config.listen.web, host: config.listen.address })
  return { close: () => app.close() }
}
