/** All that is told of a Tenant, also what the next pass takes back. */
import type { ExecutionContext } from 'ava'
import type { Tenant } from '../../operator/api/tenant.ts'
import type { Stored } from '../harness/api.ts'
import { paths } from './tenant-scene.ts'
import type { Scene } from './tenant-scene.ts'

/** Of the Tenant of this name in the home namespace, from now on until the test ends; it need not be declared yet. */
export async function story<T extends Stored | Tenant = Tenant>(
  t: ExecutionContext,
  { api, home }: Pick<Scene, 'api' | 'home'>,
  name: string,
): Promise<readonly T[]> {
  const seen: T[] = []
  const watching = new AbortController()
  const began = Promise.withResolvers<void>()
  const note = (each: T) => void (each.metadata.name === name && seen.push(each))
  const watched = api.watch(paths.tenants(home), watching.signal, note, began.resolve)
  t.teardown(() => {
    watching.abort()
    return watched
  })
  await began.promise
  return seen
}
