/** Where the tenants of a sweep are, and where their last dumps are kept. */
import { join } from 'node:path'
import { temporaryFolder } from '../harness/folder.ts'
import { postgresClients } from '../harness/postgres-clients.ts'
import type { World } from '../harness/world.ts'
import type { Where } from './end-state.ts'

export function whereOf(world: World, installation: string): Where {
  const { api, postgres } = world
  return { api, postgres, home: world.installation.home, namespace: world.installation.namespace, installation }
}

export interface DumpFolder extends AsyncDisposable {
  readonly path: string
  /** The settings of an operator that keeps dumps there. */
  readonly env: Readonly<Record<string, string>>
}

export async function dumpFolder(): Promise<DumpFolder> {
  const clients = await postgresClients((sentence) => console.error(`· ${sentence}`))
  const folder = await temporaryFolder('dumps')
  const path = join(folder.path, 'dumps')
  return {
    path,
    env: {
      TENANTRY_DUMP_TARGET: 'volume',
      TENANTRY_DUMP_DIRECTORY: path,
      TENANTRY_POSTGRES_BIN: Object.values(clients).join(','),
    },
    [Symbol.asyncDispose]: () => folder.remove(),
  }
}
