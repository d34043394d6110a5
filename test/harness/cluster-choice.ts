import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { controlPlaneBinaries } from './binaries.ts'
import { clusterAt, existingCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { startControlPlane } from './control-plane.ts'
import type { ControlPlaneOptions } from './control-plane.ts'
import { temporaryFolder } from './folder.ts'

/**
 * The cluster that TENANTRY_TEST_KUBECONFIG names, used as it is; without it a control plane of our own. The current
 * context of the person's own kubeconfig is never looked at.
 */
export async function startCluster(options: ControlPlaneOptions = {}): Promise<Cluster & AsyncDisposable> {
  const named = process.env['TENANTRY_TEST_KUBECONFIG']
  if (!named) return startControlPlane(options)
  const progress = options.onProgress ?? (() => undefined)
  const kubectl = (await onPath('kubectl')) ?? (await controlPlaneBinaries(progress)).kubectl
  const folder = await temporaryFolder('cluster')
  try {
    const cluster = clusterAt(await existingCluster(named, kubectl, folder.path))
    progress(`using the cluster at ${cluster.server}, which TENANTRY_TEST_KUBECONFIG names`)
    return { ...cluster, [Symbol.asyncDispose]: () => folder.remove() }
  } catch (error) {
    await folder.remove()
    throw error
  }
}

async function onPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, program)
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (folder !== '' && runs) return path
  }
  return undefined
}
