/** The action KeepFirstPassword: the hash of the present first password, where the accept page can read it. */
import type { TenantAdmin } from '../api/tenantadmin.ts'
import { createUnlessThere } from '../kube/create-unless-there.ts'
import type { Kube } from '../kube/port.ts'
import { secrets } from '../kube/resources.ts'
import type { Random } from '../runtime/base/clock.ts'
import { keyOf } from '../runtime/objects/object.ts'
import { firstPasswordSecret, firstPasswordView, sourceOf } from '../domain/first-password.ts'
import { hashPassword } from './invite/password.ts'
import { firstPasswordOf } from './invite/password-rule.ts'
import type { TenantAdminSettings } from './invite/settings.ts'

export interface FirstPasswordPorts {
  readonly kube: Pick<Kube, 'get' | 'create' | 'replace'>
  readonly random: Pick<Random, 'bytes'>
}

/** Nothing where the Secret has gone or is no longer usable: its watch leads to another pass. @throws KubeError */
export async function keepFirstPassword(
  object: TenantAdmin,
  { kube, random }: FirstPasswordPorts,
  { webNamespace, installation }: Pick<TenantAdminSettings, 'webNamespace' | 'installation'>,
): Promise<void> {
  const { metadata, spec } = object
  const { namespace = '', uid: adminUid = '' } = metadata
  const given = await kube.get(secrets, { namespace, name: spec.passwordSecretRef?.name ?? '' })
  const password = given === undefined ? undefined : firstPasswordOf(given)
  if (given === undefined || password?.kind !== 'Usable') return
  const hash = await hashPassword(password.text, random)
  const holder = { adminUid, admin: keyOf(object), source: sourceOf(given) }
  const wanted = firstPasswordSecret(holder, hash, webNamespace, installation)
  if ((await createUnlessThere(kube, secrets, wanted)) !== undefined) return
  const there = await kube.get(secrets, { namespace: webNamespace, name: wanted.metadata.name })
  if (there === undefined || firstPasswordView(there)?.source === holder.source) return
  await kube.replace(secrets, {
    ...wanted,
    metadata: { ...wanted.metadata, resourceVersion: there.metadata.resourceVersion ?? '' },
  })
}
