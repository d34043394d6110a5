/** The marks on everything that is made for a tenant, and how they tell Tenantry's objects from foreign ones. Pure. */
import { annotations, labels, managedBy } from '../api/names.ts'
import type { Tenant } from '../api/tenant.ts'
import type { ObjectMeta } from '../kube/port.ts'
import type { Mark } from '../postgres/model/port.ts'

/** A tenant's identity, from which its marks are made. */
export interface Identity {
  readonly installation: string
  /** `namespace/name` of the Tenant. */
  readonly tenant: string
  readonly uid: string
  /**
   * The uids of the Tenants that this one has taken over: objects with their marks belong to it, and are marked again.
   */
  readonly formerUids: readonly string[]
}

/** The identity of a Tenant that the apiserver has stored. Throws when it has no uid. */
export function identityOf(tenant: Tenant, installation: string, formerUids: readonly string[] = []): Identity {
  const { namespace, name, uid } = tenant.metadata
  if (uid === undefined) throw new TypeError(`the Tenant ${name} has no uid`)
  return Object.freeze({ installation, tenant: `${namespace ?? ''}/${name}`, uid, formerUids })
}

export function markOf({ installation, tenant, uid, formerUids }: Identity): Mark {
  return { installation, tenant, uid, ...(formerUids.length === 0 ? {} : { formerUids }) }
}

/** Whether a uid is this tenant's, or that of a tenant it has taken over. */
export function isOwnUid(uid: string | undefined, { uid: own, formerUids }: Identity): boolean {
  return uid !== undefined && (uid === own || formerUids.includes(uid))
}

/** The labels that every object of a tenant bears. `component` says what it is for. */
export function markLabels(identity: Identity, component: string): Readonly<Record<string, string>> {
  return {
    [labels.managedBy]: managedBy,
    [labels.installation]: identity.installation,
    [labels.tenantUid]: identity.uid,
    [labels.component]: component,
  }
}

export function markAnnotations(identity: Identity): Readonly<Record<string, string>> {
  return { [annotations.tenant]: identity.tenant }
}

/**
 * Whether an object bears the mark of this tenant, or of a tenant it has taken over: installation and uid, nothing
 * else.
 */
export function bearsMark(metadata: Pick<ObjectMeta, 'labels'>, identity: Identity): boolean {
  return (
    metadata.labels?.[labels.installation] === identity.installation &&
    isOwnUid(metadata.labels[labels.tenantUid], identity)
  )
}

/**
 * Whether a cached child in the namespace bears the mark of this tenant, or of a tenant it has taken over: the right to
 * change that tenant's objects gives no power over these.
 */
export function isOwnChild(
  { tenantUid, installation }: { readonly tenantUid: string | undefined; readonly installation: string | undefined },
  identity: Identity,
): boolean {
  return installation === identity.installation && isOwnUid(tenantUid, identity)
}

/**
 * Whether an object in a namespace with Tenantry's mark is Tenantry's although its labels were removed: the annotation
 * still names the tenant, and no label names another one. Stripping a label does not turn the tenant's isolation into a
 * foreign object.
 */
export function wasMarked(metadata: Pick<ObjectMeta, 'labels' | 'annotations'>, identity: Identity): boolean {
  const uid = metadata.labels?.[labels.tenantUid]
  const installation = metadata.labels?.[labels.installation]
  return (
    metadata.annotations?.[annotations.tenant] === identity.tenant &&
    (uid === undefined || isOwnUid(uid, identity)) &&
    (installation === undefined || installation === identity.installation)
  )
}

export function sameMark(mark: Mark | undefined, identity: Identity): boolean {
  return isOwnUid(mark?.uid, identity) && mark?.installation === identity.installation
}
