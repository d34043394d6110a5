/** Accepts an invite: creates one immutable Secret, which only one request can win. */
import { acceptanceName, firstPasswordName } from '../../api/names.ts'
import { tenantAdmins } from '../../api/tenantadmin.ts'
import { createUnlessThere } from '../../kube/create-unless-there.ts'
import { secrets } from '../../kube/resources.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { keyOf } from '../../runtime/objects/object.ts'
import { acceptanceSecret, acceptanceView, passwordHashOf } from '../../domain/acceptance.ts'
import { hashPassword, verifyPassword } from '../../tenantadmin/invite/password.ts'
import { firstPasswordHashOf } from '../../domain/first-password.ts'
import type { InviteClaims } from '../../tenantadmin/invite/token.ts'
import { consentDigest } from './form.ts'
import type { AcceptForm } from './form.ts'
import { isFor } from './invitation.ts'
import type { Invitation } from './invitation.ts'
import type { WebPorts } from './ports.ts'
import type { WebSettings } from './settings.ts'

/** The operator could not read the first password that spec.passwordSecretRef names; the admin can do nothing about it. */
export class PasswordSecretError extends Error {
  override readonly name = 'PasswordSecretError'
}

/** True: accepted, by this form. False: the link does not work (any more). The form has no errors. */
export async function accept(
  invitation: Invitation,
  form: AcceptForm,
  ports: WebPorts,
  settings: WebSettings,
): Promise<boolean> {
  const { claims, admin, tenant } = invitation
  const { enabled, text } = tenant.spec.userConsent
  const acceptance = {
    adminUid: claims.uid,
    admin: keyOf(admin),
    tenantUid: tenant.metadata.uid ?? '',
    tenant: keyOf(tenant),
    sequence: claims.sequence,
    address: admin.spec.email,
    username: admin.spec.username,
    acceptedAt: timestamp(ports.clock.now()),
    nonce: form.nonce,
    consent: enabled && text !== undefined ? { digest: consentDigest(text) } : undefined,
    passwordHash: settings.localSignIn ? await firstPasswordHash(invitation, form, ports, settings) : undefined,
  }
  const secret = acceptanceSecret(acceptance, settings.webNamespace, settings.installation)
  const created = await createUnlessThere(ports.kube, secrets, secret)
  if (created === undefined) return acceptedBefore(claims, form, ports, settings)
  // A change between the read and the write counts: of the address, or a deletion of the admin.
  const now = await ports.kube.get(tenantAdmins, claims)
  if (now !== undefined && isFor(now, claims)) return true
  const { namespace = '', name, uid = '' } = created.metadata
  await ports.kube.delete(secrets, { namespace, name }, { uid })
  return false
}

/**
 * Whether this very form was accepted before: a double click, or a repetition after a lost answer. The same form with
 * another password is not the same.
 */
export async function acceptedBefore(
  claims: InviteClaims,
  form: AcceptForm,
  { kube }: Pick<WebPorts, 'kube'>,
  settings: WebSettings,
): Promise<boolean> {
  const name = acceptanceName(claims.uid, claims.sequence)
  const secret = await kube.get(secrets, { namespace: settings.webNamespace, name })
  const recorded = secret === undefined ? undefined : acceptanceView(secret)
  if (secret === undefined || form.nonce === '' || recorded?.nonce !== form.nonce) return false
  const hash = passwordHashOf(secret)
  return form.password === '' || hash === undefined || verifyPassword(form.password, hash)
}

async function firstPasswordHash(
  { admin }: Invitation,
  form: AcceptForm,
  ports: WebPorts,
  settings: WebSettings,
): Promise<string> {
  if (admin.spec.passwordSecretRef === undefined) return hashPassword(form.password, ports.random)
  const secret = await ports.kube.get(secrets, {
    namespace: settings.webNamespace,
    name: firstPasswordName(admin.metadata.uid ?? ''),
  })
  const hash = secret === undefined ? undefined : firstPasswordHashOf(secret)
  if (hash === undefined)
    throw new PasswordSecretError('the Secret of spec.passwordSecretRef is missing or not as it should be')
  return hash
}
