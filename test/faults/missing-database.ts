/** A tenant whose database is missing: how it says so, and how it begins empty. */
import type { Stored } from '../harness/api.ts'
import { eventually } from '../harness/wait.ts'
import type { World } from '../harness/world.ts'
import { conditionOf, ready, tenantOf } from './life.ts'

/** The Tenant as soon as it says so in answer to all that it has been asked up to now. */
export async function databaseMissing(world: World, name: string): Promise<Stored> {
  return eventually(
    async () => {
      const found = await tenantOf(world, name)
      const isSeen = found?.status?.['observedGeneration'] === found?.metadata.generation
      const { status, reason } = conditionOf(found, 'DatabaseReady') ?? {}
      const isStalled = conditionOf(found, 'Stalled')?.reason === 'DatabaseMissing'
      if (isSeen && isStalled && status === 'False' && reason === 'DatabaseMissing') return found
      throw new Error(JSON.stringify(found?.status))
    },
    { timeout: 60_000, describe: `${name} to say that its database is missing` },
  )
}

/** Runs the command of the message, and waits until the Tenant is ready. */
export async function beginEmpty(world: World, missing: Stored): Promise<void> {
  const { name } = missing.metadata
  const message = conditionOf(missing, 'Stalled')?.message ?? ''
  const [, command = ''] = /kubectl (annotate tenant [^ ]+ -n [^ ]+ [^ =]+=\w+)/.exec(message) ?? []
  await world.cluster.kubectl(command.split(' '))
  await ready(world, name)
}
