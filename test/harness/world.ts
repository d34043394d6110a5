/** A cluster, PostgreSQL and a relay of one's own with Tenantry installed: for faults and measurements, which share nothing. */
import { harnessAddress } from './address.ts'
import { apiOf } from './api.ts'
import type { Api } from './api.ts'
import { startControlPlane } from './control-plane.ts'
import type { ControlPlane } from './control-plane.ts'
import { install } from './installation.ts'
import type { Installation } from './installation.ts'
import { startMail } from './mail.ts'
import type { MailServer } from './mail.ts'
import { startPostgres } from './postgres.ts'
import type { Postgres, PostgresOptions } from './postgres.ts'
import { startToxiproxy } from './toxiproxy.ts'
import type { Proxy } from './toxiproxy.ts'
import { startWeb } from './web.ts'
import type { WebProcess } from './web.ts'
import { allOf } from './wait.ts'

export interface WorldOptions {
  readonly postgres?: PostgresOptions
  /** Put a proxy before PostgreSQL and the apiserver, for the operator alone. */
  readonly proxies?: boolean
  readonly onProgress?: (sentence: string) => void
}

export interface World extends AsyncDisposable {
  readonly cluster: ControlPlane
  readonly api: Api
  readonly postgres: Postgres
  readonly mail: MailServer
  readonly installation: Installation
  /** Ready when an operator has led once. */
  readonly web: WebProcess
  /** Only with `proxies`; the DatabaseServer names the first. */
  readonly proxies: { readonly postgres: Proxy; readonly api: Proxy } | undefined
}

/** Starts all of it, with an audit log. It lives no longer than the calling process. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { onProgress = () => undefined } = options
  const stack = new AsyncDisposableStack()
  try {
    const begin = harnessAddress()?.installed
    const [cluster, postgres, mail] = await allOf([
      startControlPlane({ audit: true, begin, onProgress }).then((started) => stack.use(started)),
      startPostgres({ maxConnections: 200, ...options.postgres, onProgress }).then((started) => stack.use(started)),
      startMail().then((started) => stack.use(started)),
    ])
    const api = stack.use(await apiOf(cluster))
    const proxies = options.proxies === true ? await proxiesBefore(cluster, postgres, stack) : undefined
    const installation = await install({
      cluster,
      postgres,
      chartIsThere: begin !== undefined,
      ...(proxies === undefined ? {} : { postgresPort: proxies.postgres.port }),
    })
    const web = stack.use(await startWeb({ cluster }))
    const dispose = () => stack.disposeAsync()
    return { cluster, api, postgres, mail, installation, web, proxies, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

async function proxiesBefore(cluster: ControlPlane, postgres: Postgres, stack: AsyncDisposableStack) {
  const toxiproxy = stack.use(await startToxiproxy())
  return {
    postgres: await toxiproxy.proxy('postgres', `127.0.0.1:${postgres.port}`),
    api: await toxiproxy.proxy('api', new URL(cluster.server).host),
  }
}
