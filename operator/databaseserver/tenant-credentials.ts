/** The credentials that a tenant's applications use, read live from its binding Secret. */
import { KubeError } from '../kube/port.ts'
import type { Kube } from '../kube/port.ts'
import { secrets } from '../kube/resources.ts'
import { passwordOf, usernameOf } from '../domain/fingerprint.ts'

export interface SecretKey {
  readonly namespace: string
  readonly name: string
}

/**
 * The present content of the tenant's binding Secret. Throws KubeError `NotFound` when it has no password of
 * Tenantry's.
 */
export async function readCredentials(key: SecretKey, kube: Pick<Kube, 'get'>) {
  const read = await kube.get(secrets, key)
  const password = read === undefined ? undefined : passwordOf(read)
  if (read === undefined || password === undefined)
    throw new KubeError('NotFound', `the Secret ${key.namespace}/${key.name} holds no password of ours`, 404)
  return { read, password, username: usernameOf(read) }
}
