/**
 * The id of this installation, which every mark has: several clusters may share a PostgreSQL server, and a cluster may
 * hold several operators. It is made once, and kept in a ConfigMap beside the operator.
 */
import { labels, managedBy } from '../api/names.ts'
import { createUnlessThere } from '../kube/create-unless-there.ts'
import type { Kube } from '../kube/port.ts'
import { configMaps } from '../kube/resources.ts'
import type { Random } from '../runtime/base/clock.ts'

export const installationName = 'tenantry-installation'

/** Thrown when the settings name another installation than the marks of this cluster's objects. */
export class InstallationMismatch extends Error {
  override readonly name = 'InstallationMismatch'
}

/**
 * The recorded id, or a new one. A `configured` id is recorded at the first start and must stay the same, since all
 * marks would otherwise look foreign.
 * @throws InstallationMismatch, KubeError
 */
export async function installationOf(
  kube: Pick<Kube, 'get' | 'create'>,
  random: Pick<Random, 'bytes'>,
  namespace: string,
  configured: string | undefined,
): Promise<string> {
  const kept = await recordedInstallation(kube, namespace)
  const id = kept ?? (await keep(kube, namespace, configured ?? random.bytes(5).toString('hex')))
  if (configured !== undefined && configured !== id)
    throw new InstallationMismatch(
      `TENANTRY_INSTALLATION is ${configured}, but the ConfigMap ${installationName} in ${namespace} says ${id}, which all objects are marked with. Set TENANTRY_INSTALLATION to ${id}, or leave it out.`,
    )
  return id
}

/** The recorded id; undefined: the operator has not started yet. @throws KubeError */
export async function recordedInstallation(kube: Pick<Kube, 'get'>, namespace: string): Promise<string | undefined> {
  return (await kube.get(configMaps, { namespace, name: installationName }))?.data?.['id']?.trim()
}

async function keep(kube: Pick<Kube, 'get' | 'create'>, namespace: string, id: string): Promise<string> {
  const metadata = { name: installationName, namespace, labels: { [labels.managedBy]: managedBy } }
  const made = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { id } } as const
  if ((await createUnlessThere(kube, configMaps, made)) !== undefined) return id
  const theirs = await recordedInstallation(kube, namespace)
  if (theirs === undefined) throw new Error(`The ConfigMap ${installationName} came and went; it is looked at again.`)
  return theirs
}
