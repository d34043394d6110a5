/** When a tenant can be used, seen from outside: by its credentials, its admin's rights, its policies. */
import { credentialsOf, loginsOn } from '../test/harness/facts.ts'
import type { Stored } from '../test/harness/api.ts'
import { eventually } from '../test/harness/wait.ts'
import { gate } from './gate.ts'
import { isAvailable } from './site.ts'
import type { Site } from './site.ts'

const places = gate(4)

/** Whether all of it is so; throws nothing but what stands for "not reachable". */
export async function isUsable({ world, user }: Site, tenant: string): Promise<boolean> {
  const { api, postgres } = world
  const namespace = `tenant-${tenant}`
  const [secret, mayAct, ...policies] = await Promise.all([
    api.get(`/api/v1/namespaces/${namespace}/secrets/tenantry-database`),
    api.send<{ readonly status: { readonly allowed: boolean } }>(
      'POST',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, resourceAttributes: { namespace, verb: 'create', group: 'apps', resource: 'deployments' } },
      },
    ),
    api.get(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/tenantry-isolation`),
    api.get(`/api/v1/namespaces/${namespace}/resourcequotas/tenantry-quota`),
    api.get(`/api/v1/namespaces/${namespace}/limitranges/tenantry-limits`),
  ])
  const [credentials] = credentialsOf({ bindings: secret === undefined ? [] : [secret] })
  if (credentials === undefined || !mayAct.status.allowed || policies.includes(undefined)) return false
  return loginsOn(postgres)(credentials.database, credentials.username, credentials.password)
}

export interface UsableTimes extends AsyncDisposable {
  /** performance.now() at which each of these was found usable, in the order of the names. */
  of(tenants: readonly string[], timeout?: number): Promise<readonly number[]>
}

/** Watches the customers; one that says that it is available is looked at until it is usable. */
export function watchUsable(site: Site): UsableTimes {
  const times = new Map<string, Promise<number>>()
  const ending = new AbortController()
  const look = (tenant: string): Promise<number> =>
    places(async () => {
      await eventually(() => isUsable(site, tenant), {
        timeout: 120_000,
        interval: 20,
        describe: `${tenant} to be usable`,
      })
      return performance.now()
    })
  const seen = (object: Stored): void => {
    const { name } = object.metadata
    if (isAvailable(object) && !times.has(name)) times.set(name, look(name))
  }
  const watching = site.world.api.watch(site.tenants, ending.signal, seen)
  return {
    of: async (tenants, timeout = 300_000) => {
      const found = () => tenants.every((tenant) => times.has(tenant))
      await eventually(found, { timeout, interval: 5, describe: 'all tenants to say that they are available' })
      return Promise.all(tenants.flatMap((tenant) => times.get(tenant) ?? []))
    },
    async [Symbol.asyncDispose]() {
      ending.abort()
      await watching
    },
  }
}
