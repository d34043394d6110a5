/** Finds the invite of a token by live reads; undefined for every token that does not work, whatever the cause. */
import { acceptanceName, annotations, labels } from '../../api/names.ts'
import { tenantAdmins } from '../../api/tenantadmin.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import { tenants } from '../../api/tenant.ts'
import type { Tenant } from '../../api/tenant.ts'
import { namespaces, secrets } from '../../kube/resources.ts'
import { fromKey } from '../../runtime/objects/object.ts'
import { tenantClosed } from '../../domain/invite-waits.ts'
import { addressDigest, verifyToken } from '../../tenantadmin/invite/token.ts'
import type { InviteClaims, SigningKey } from '../../tenantadmin/invite/token.ts'
import type { WebPorts } from './ports.ts'
import type { WebSettings } from './settings.ts'

export interface Invitation {
  readonly claims: InviteClaims
  /** The key that signed the token. */
  readonly key: SigningKey
  readonly admin: TenantAdmin
  readonly tenant: Tenant
  readonly inviterName: string
}

type Reads = Pick<WebPorts, 'kube' | 'keys' | 'clock'>

export async function findInvitation(
  token: string | undefined,
  ports: Reads,
  settings: WebSettings,
): Promise<Invitation | undefined> {
  const ring = await ports.keys()
  const claims = token === undefined ? undefined : verifyToken(token, 'invite', ring.find)
  if (claims === undefined || claims.expiresAt <= ports.clock.now()) return undefined
  const key = ring.find(claims.keyId)
  const admin = await ports.kube.get(tenantAdmins, claims)
  if (key === undefined || admin === undefined || !isOpen(admin, claims)) return undefined
  const [tenant, used] = await Promise.all([
    tenantOf(admin, ports.kube),
    ports.kube.get(secrets, {
      namespace: settings.webNamespace,
      name: acceptanceName(claims.uid, claims.sequence),
    }),
  ])
  if (
    tenant === undefined ||
    !isTheSame(tenant, claims.tenantUid) ||
    tenantClosed(tenant, ports.clock.now()) !== undefined ||
    used !== undefined
  )
    return undefined
  const parent = await ownerOf(tenant.metadata.namespace ?? '', ports.kube)
  return { claims, key, admin, tenant, inviterName: parent?.spec.displayName ?? settings.productName }
}

/** Whether the Tenant is the one that the invite is for: by its own uid, or that of a tenant it has taken over. */
export function isTheSame({ metadata, status }: Tenant, uid: string): boolean {
  return metadata.uid === uid || (status?.adopted ?? []).includes(uid)
}

/** Whether the TenantAdmin waits for exactly this link. */
function isOpen(admin: TenantAdmin, claims: InviteClaims): boolean {
  const invite = admin.status?.invite
  const waiting = invite?.status === 'Pending' || invite?.status === 'EmailSendingFailed'
  const latest = invite?.sequence === claims.sequence && Date.parse(invite.expiresAt ?? '') === claims.expiresAt
  return waiting && latest && isFor(admin, claims)
}

/**
 * Whether the TenantAdmin is still for the recipient of the link: also when a newer link was issued. Checked
 * again after the acceptance was recorded.
 */
export function isFor({ metadata, spec }: TenantAdmin, claims: InviteClaims): boolean {
  return (
    metadata.uid === claims.uid &&
    metadata.deletionTimestamp === undefined &&
    spec.state === 'Active' &&
    addressDigest(spec.email) === claims.address
  )
}

export async function tenantOf(admin: TenantAdmin, kube: Reads['kube']): Promise<Tenant | undefined> {
  const { namespace = '' } = admin.metadata
  const { tenantRef } = admin.spec
  return tenantRef === undefined ? ownerOf(namespace, kube) : kube.get(tenants, { namespace, name: tenantRef.name })
}

/** The tenant whose namespace this is. The namespace's marks lead to it; its own status decides. */
async function ownerOf(namespace: string, kube: Reads['kube']): Promise<Tenant | undefined> {
  const object = await kube.get(namespaces, { name: namespace })
  const key = object?.metadata.annotations?.[annotations.tenant]
  if (key === undefined) return undefined
  const tenant = await kube.get(tenants, fromKey(key))
  const owns =
    tenant?.metadata.uid === object?.metadata.labels?.[labels.tenantUid] && tenant?.status?.namespace === namespace
  return owns ? tenant : undefined
}
