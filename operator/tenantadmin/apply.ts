/** Carries a decision out: first the record of an attempt, then the mail, then its outcome. */
import { finalizer, passwordName } from '../api/names.ts'
import { tenantAdmins } from '../api/tenantadmin.ts'
import type { TenantAdmin, TenantAdminStatus } from '../api/tenantadmin.ts'
import { createUnlessThere } from '../kube/create-unless-there.ts'
import { KubeError } from '../kube/port.ts'
import { secrets } from '../kube/resources.ts'
import { MailPausedError } from '../mail/breaker.ts'
import { expiryMessage } from '../mail/expiry-message.ts'
import { inviteMessage } from '../mail/message.ts'
import { MailError } from '../mail/port.ts'
import type { Message } from '../mail/port.ts'
import { addFinalizer, removeFinalizer } from '../runtime/objects/finalizer.ts'
import { keyOf } from '../runtime/objects/object.ts'
import type { OwnWrites } from '../runtime/cache/own-writes.ts'
import { writeStatus } from '../runtime/objects/status.ts'
import { acceptanceView, adoptedAcceptance } from '../domain/acceptance.ts'
import type { AcceptanceHolder } from '../domain/acceptance.ts'
import { adoptedPassword } from '../domain/changed-password.ts'
import { warningFacts } from './expiry-warning.ts'
import type { Invite } from './invite/invite.ts'
import type { Issuing } from './invite/issuing.ts'
import type { Action, Decision } from './decision.ts'
import { keepFirstPassword } from './keep-first-password.ts'
import type { TenantAdminPorts } from './ports.ts'
import type { Snapshot } from './snapshot.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import type { Outcome } from './status.ts'
import { logAction } from './admin-log.ts'
import { addressDigest, signToken } from './invite/token.ts'

export interface ApplyContext {
  readonly ports: TenantAdminPorts
  readonly settings: TenantAdminSettings
  readonly writes: OwnWrites<TenantAdmin>
  readonly issuing: Issuing
  readonly signal: AbortSignal
}

export interface Applied {
  /** The object as Tenantry's last write left it. */
  readonly admin: TenantAdmin
  readonly outcome: Outcome | undefined
}

export async function apply(snapshot: Snapshot, decision: Decision, context: ApplyContext): Promise<Applied> {
  const { clock, log } = context.ports
  let { admin } = snapshot
  let outcome: Outcome | undefined
  for (const action of decision.actions) {
    const begun = clock.monotonic()
    const took = (effect: boolean) => effect && logAction(log, snapshot, action, clock.monotonic() - begun)
    if (action.kind === 'SendInvite' || action.kind === 'SendWarning') {
      // A compare-and-set: only the process that has seen the latest status, and leads, may send.
      const record = async () => {
        if (decision.status !== undefined) admin = await patchStatus(admin, decision.status, context)
      }
      outcome = await send(snapshot, action, context, record)
      took(outcome.kind === 'Sent')
    } else if (action.kind === 'AdoptAcceptance') took(await adoptAcceptance(action.name, snapshot, context))
    else if (action.kind === 'DeleteRecord') took(await deleteRecord(action, context))
    else if (action.kind === 'KeepFirstPassword') await keepFirstPassword(admin, context.ports, context.settings)
    else if (action.kind === 'DropFirstPassword') await deleteRecord(action, context)
    else if (action.kind === 'KeepCount') await keepCount(action, admin, context)
    else admin = await bind(action, admin, context)
  }
  return { admin, outcome }
}

async function bind(
  { kind }: Extract<Action, { kind: 'AddFinalizer' | 'RemoveFinalizer' }>,
  admin: TenantAdmin,
  { ports: { kube }, writes }: ApplyContext,
): Promise<TenantAdmin> {
  if (kind === 'AddFinalizer') {
    return writes.note(keyOf(admin), admin, await addFinalizer(kube, tenantAdmins, admin, finalizer))
  }
  await removeFinalizer(kube, tenantAdmins, admin, finalizer)
  return admin
}

async function keepCount(
  { tenant, count }: Extract<Action, { kind: 'KeepCount' }>,
  admin: TenantAdmin,
  { ports: { kube, caches, clock }, issuing }: ApplyContext,
): Promise<void> {
  await issuing.keep(admin, count, kube, () => caches.tenants.get(tenant), clock.now())
}

/** Whether the Secret existed. */
async function deleteRecord(
  { name, uid }: Extract<Action, { kind: 'DeleteRecord' | 'DropFirstPassword' }>,
  { ports: { kube }, settings: { webNamespace: namespace } }: ApplyContext,
): Promise<boolean> {
  return kube.delete(secrets, { namespace, name }, { uid })
}

/** The new record before the old one goes: an admin who has accepted is never without one. Whether it was done. */
async function adoptAcceptance(
  name: string,
  { admin, home }: Snapshot,
  { ports: { kube }, settings: { webNamespace: namespace, installation } }: ApplyContext,
): Promise<boolean> {
  const secret = await kube.get(secrets, { namespace, name })
  if (secret === undefined || home.kind === 'Missing') return false
  const holder = {
    adminUid: admin.metadata.uid ?? '',
    admin: keyOf(admin),
    tenantUid: home.tenant.metadata.uid ?? '',
    tenant: keyOf(home.tenant),
    username: admin.spec.username,
    installation,
  }
  const [adopted, former] = [adoptedAcceptance(secret, holder), acceptanceView(secret)?.adminUid]
  if (adopted === undefined || former === undefined) return false
  // First, so that the password from before its change is never the one that counts.
  if (former !== holder.adminUid) await adoptPassword(former, holder, namespace, kube)
  await createUnlessThere(kube, secrets, adopted)
  return kube.delete(secrets, { namespace, name }, { uid: secret.metadata.uid ?? '' })
}

/** The password that the person had chosen since. */
async function adoptPassword(
  former: string,
  holder: AcceptanceHolder,
  namespace: string,
  kube: TenantAdminPorts['kube'],
): Promise<void> {
  const changed = await kube.get(secrets, { namespace, name: passwordName(former) })
  const password = changed && adoptedPassword(changed, holder)
  if (changed === undefined || password === undefined) return
  await createUnlessThere(kube, secrets, password)
  await kube.delete(secrets, { namespace, name: changed.metadata.name }, { uid: changed.metadata.uid ?? '' })
}

/** Writes the status if it says something new, on condition that no other writer has changed it since. */
export async function patchStatus(
  admin: TenantAdmin,
  status: TenantAdminStatus,
  { ports: { kube }, writes }: Pick<ApplyContext, 'ports' | 'writes'>,
): Promise<TenantAdmin> {
  return writes.note(keyOf(admin), admin, await writeStatus(kube, tenantAdmins, admin, status))
}

type SendAction = Extract<Action, { kind: 'SendInvite' | 'SendWarning' }>

async function send(
  snapshot: Snapshot,
  action: SendAction,
  { ports, settings, signal }: ApplyContext,
  record: () => Promise<void>,
): Promise<Outcome> {
  const message =
    action.kind === 'SendInvite'
      ? await messageFor(snapshot, action.invite, ports, settings)
      : expiryMessage(warningFacts(snapshot, action.warning, settings), ports.templates.expiry)
  try {
    await ports.mailer.send(message, signal, record)
    return { kind: 'Sent' }
  } catch (error) {
    if (error instanceof MailPausedError) {
      const { class: errorClass, message: why, retryAfter } = error
      return { kind: 'Paused', pause: { class: errorClass, message: why, retryAfter } }
    }
    if (!(error instanceof MailError)) throw error
    return { kind: 'Failed', error }
  }
}

/** The only place where the link exists; it goes into the mail and nowhere else. */
async function messageFor(
  { admin, home }: Snapshot,
  invite: Invite,
  ports: TenantAdminPorts,
  settings: TenantAdminSettings,
): Promise<Message> {
  const { uid = '', namespace = '', name } = admin.metadata
  const { keyId = '', sequence = 0, address = admin.spec.email, expiresAt = '' } = invite
  const key = (await ports.keys()).find(keyId)
  if (key === undefined || home.kind === 'Missing')
    throw new KubeError('Conflict', `the key ${keyId} of the invite is gone since it was looked at`, 409)
  const expiry = Date.parse(expiresAt)
  const tenantUid = home.tenant.metadata.uid ?? ''
  const invited = { keyId, uid, tenantUid, sequence, expiresAt: expiry }
  const claims = { ...invited, address: addressDigest(address), namespace, name }
  const { productName, mailDomain, publicUrl } = settings
  const facts = {
    uid,
    tenantUid,
    sequence,
    email: address,
    firstName: admin.spec.firstName,
    lastName: admin.spec.lastName,
    username: admin.spec.username,
    role: admin.spec.role,
    tenantName: home.tenant.spec.displayName,
    inviterName: home.parent?.spec.displayName ?? productName,
    productName,
    expiresAt: expiry,
    acceptUrl: `${publicUrl}/accept?token=${signToken(claims, 'invite', key)}`,
    mailDomain,
  }
  return inviteMessage(facts, ports.templates.invite)
}
