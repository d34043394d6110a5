/** All that is told of a Tenant, also what the next pass takes back. */
import type { ExecutionContext } from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import { paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

/** Of the Tenant of this name in the home namespace, from now on until the test ends; it need not be declared yet. */
export async function story(
  t: ExecutionContext,
  { api, home }: Pick<Scene, 'api' | 'home'>,
  name: string,
): Promise<readonly Tenant[]> {
  const seen: Tenant[] = []
  const watching = new AbortController()
  const began = Promise.withResolvers<void>()
  const note = (each: Tenant) => void (each.metadata.name === name && seen.push(each))
  const watched = api.watch(paths.tenants(home), watching.signal, note, began.resolve)
  t.teardown(() => {
    watching.abort()
    return watched
  })
  await began.promise
  return seen
}
