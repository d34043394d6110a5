/** Reads everything about one TenantAdmin: from the caches, and live what must not be stale. */
import { annotations, labels } from '../api/names.ts'
import { tenants } from '../api/tenant.ts'
import type { Tenant } from '../api/tenant.ts'
import { tenantAdmins } from '../api/tenantadmin.ts'
import type { TenantAdmin } from '../api/tenantadmin.ts'
import { namespaces, secrets } from '../kube/resources.ts'
import { deletionCauseOf } from '../runtime/objects/deletion-cause.ts'
import { fromKey } from '../runtime/objects/object.ts'
import { adminsOf, ownerOf, tenantOf, uidsOf } from '../domain/ownership.ts'
import { acceptanceView } from '../domain/acceptance.ts'
import type { Acceptance } from '../domain/acceptance.ts'
import { sourceOf } from '../domain/first-password.ts'
import type { Issuing } from './invite/issuing.ts'
import { firstPasswordOf } from './invite/password-rule.ts'
import type { TenantAdminCaches, TenantAdminPorts } from './ports.ts'
import { countedAdmin } from './replaced.ts'
import { aheadOf, allowedOf, isFull } from './allowance.ts'
import type { Gathered, LiveCheck, PasswordSecret } from './snapshot.ts'
import type { TenantAdminSettings } from './invite/settings.ts'
import type { AdminTenant } from '../domain/admin-tenant.ts'

export async function observe(
  admin: TenantAdmin,
  ports: TenantAdminPorts,
  settings: TenantAdminSettings,
  issuing: Issuing,
): Promise<Gathered> {
  const { caches } = ports
  const home = homeOf(admin, caches)
  const uid = admin.metadata.uid ?? ''
  const invite = admin.status?.invite
  const [keyRing, adoptable] = await Promise.all([ports.keys(), inherited(admin, home, ports, settings)])
  const deleting = admin.metadata.deletionTimestamp !== undefined
  const acceptances = caches.acceptances.by('adminUid', uid)
  const counted = countedAdmin({ admin, home, acceptances })
  const open = !deleting && counted.status?.invite?.acceptedAt === undefined
  const others = home.kind === 'Missing' ? [] : othersOf(admin, home.tenant, caches)
  const ahead = aheadOf({ admin, home, acceptances, others }, issuing)
  const first: FirstPasswordLook =
    open && !isFull({ home, ahead }) ? await firstPasswordLook(admin, ports) : { password: 'NotAsked' }
  return {
    admin,
    home,
    others,
    ahead,
    acceptances,
    inherited: adoptable,
    keys: {
      current: keyRing.current?.id,
      invite: invite?.keyId !== undefined && keyRing.find(invite.keyId) !== undefined,
    },
    password: first.password,
    firstPassword: { source: first.source, kept: caches.firstPasswords.by('adminUid', uid)[0] },
    relay: ports.mailer.paused(),
    trouble: ports.mailer.trouble(),
    jitter: ports.random.fraction(),
    live: deleting ? await liveCheck(admin, ports, settings) : undefined,
  }
}

function homeOf(admin: TenantAdmin, caches: TenantAdminCaches): AdminTenant {
  const { metadata, spec } = admin
  const tenant = tenantOf(admin, caches)
  if (tenant === undefined) {
    const namespace = metadata.namespace ?? ''
    const wanted =
      spec.tenantRef === undefined
        ? `a Tenant that owns the namespace ${namespace}; to name one beside this TenantAdmin, create another with spec.tenantRef`
        : `the Tenant ${spec.tenantRef.name} of spec.tenantRef in the namespace ${namespace}`
    return { kind: 'Missing', wanted }
  }
  const plan = tenant.status?.plan === undefined ? undefined : caches.plans.get(tenant.status.plan)
  return {
    kind: 'Found',
    tenant,
    uids: uidsOf(tenant, caches),
    parent: ownerOf(tenant.metadata.namespace, caches),
    offeredRoles: plan === undefined ? undefined : Object.keys(plan.spec.roles ?? {}),
    maxAdmins: allowedOf(tenant, caches.plans).max,
  }
}

function othersOf(
  { metadata: { uid } }: TenantAdmin,
  tenant: Tenant,
  caches: TenantAdminCaches,
): readonly TenantAdmin[] {
  return adminsOf(tenant, tenant.status?.namespace, caches).filter(({ metadata }) => metadata.uid !== uid)
}

/**
 * Only acceptances without a holder: an existing TenantAdmin keeps its own. A stale cache must not cause an invite:
 * before the first one the records of the earlier tenants are read live.
 */
async function inherited(
  { metadata, spec, status }: TenantAdmin,
  home: AdminTenant,
  { caches: { acceptances, admins }, kube }: TenantAdminPorts,
  { webNamespace: namespace }: TenantAdminSettings,
): Promise<readonly Acceptance[]> {
  const uids = home.kind === 'Found' ? (home.tenant.status?.adopted ?? []) : []
  const isFree = ({ admin, adminUid }: Acceptance) => admins.get(admin)?.metadata.uid !== adminUid
  const cached = uids.flatMap((uid) => acceptances.by('tenantUid', uid)).filter(isFree)
  const known = cached.some(({ address }) => address.toLowerCase() === spec.email.toLowerCase())
  const wanted = status?.invite?.sequence === undefined && metadata.deletionTimestamp === undefined
  if (uids.length === 0 || known || !wanted) return cached
  const labelSelector = `${labels.component}=acceptance,${labels.tenantUid} in (${uids.join(',')})`
  const live = await kube.list(secrets, { namespace, labelSelector })
  return live.flatMap((secret) => acceptanceView(secret) ?? []).filter(isFree)
}

interface FirstPasswordLook {
  readonly password: PasswordSecret
  readonly source?: string
}

async function firstPasswordLook({ metadata, spec }: TenantAdmin, ports: TenantAdminPorts): Promise<FirstPasswordLook> {
  if (spec.passwordSecretRef === undefined) return { password: 'NotAsked' }
  const key = { namespace: metadata.namespace ?? '', name: spec.passwordSecretRef.name }
  const secret = await ports.kube.get(secrets, key)
  if (secret === undefined) return { password: 'Missing' }
  const { kind } = firstPasswordOf(secret)
  return kind === 'Usable' ? { password: kind, source: sourceOf(secret) } : { password: kind }
}

async function liveCheck(
  admin: TenantAdmin,
  { kube }: TenantAdminPorts,
  { webNamespace: namespace }: TenantAdminSettings,
): Promise<LiveCheck> {
  const labelSelector = `${labels.adminUid}=${admin.metadata.uid ?? ''}`
  const [deletionCause, found] = await Promise.all([
    deletionCauseOf(admin, tenantAdmins, kube),
    kube.list(secrets, { namespace, labelSelector }),
  ])
  const records = found.map((secret) => ({
    name: secret.metadata.name,
    uid: secret.metadata.uid ?? '',
    isAcceptance: acceptanceView(secret) !== undefined,
  }))
  const meant = deletionCause === 'Namespace' && (await goesWithItsTenant(admin, kube))
  return { deletionCause: meant ? undefined : deletionCause, records }
}

/** Whether the namespace is a tenant's own that Tenantry deletes with the tenant: then everything goes. */
async function goesWithItsTenant({ metadata }: TenantAdmin, kube: TenantAdminPorts['kube']): Promise<boolean> {
  const namespace = await kube.get(namespaces, { name: metadata.namespace ?? '' })
  const uid = namespace?.metadata.labels?.[labels.tenantUid]
  const key = namespace?.metadata.annotations?.[annotations.tenant]
  if (uid === undefined || key === undefined) return false
  const tenant = await kube.get(tenants, fromKey(key))
  return tenant === undefined || tenant.metadata.uid !== uid || tenant.metadata.deletionTimestamp !== undefined
}
