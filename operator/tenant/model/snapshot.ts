/** Everything that is known about one tenant at one moment, read before anything is decided. Frozen data. */
import type { DatabaseServer } from '../../api/databaseserver.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { JudgedLicense } from '../../license/judge-license.ts'
import type { ChildKind, Fingerprint } from '../../domain/fingerprint.ts'
import type { Identity } from '../../domain/marks.ts'
import type { Names } from './naming.ts'
import type { TenantSettings } from './settings.ts'
import type { NameClaim, NamespaceView } from '../../domain/caches.ts'
import type { StuckWorkload, DrainState } from './workloads.ts'
import type { Home } from '../../domain/hierarchy.ts'
import type { Brake, Grace } from './deletion-hold.ts'
import type { Grants } from './grants.ts'
import type { ToldFinding } from './finding.ts'
import type { DatabaseState, LiveCheck, Login, Preview, RehearsalState } from './live-facts.ts'
import type { Renaming } from './renaming.ts'
import type { Adoption } from './adoption.ts'

export interface Snapshot {
  readonly tenant: Tenant
  readonly identity: Identity
  readonly settings: TenantSettings
  readonly names: Names
  readonly home: Home
  /** The uid of the namespace that the Tenant lies in. */
  readonly homeUid: string | undefined
  /** The tenant's own admins, the oldest first. */
  readonly admins: readonly TenantAdmin[]
  /** When each of the own admins has last changed the password, by uid; RFC 3339. */
  readonly passwordsChanged: Readonly<Record<string, string>>
  /** The admins of the parent MSP. */
  readonly parentAdmins: readonly TenantAdmin[]
  /** The access to this tenant that is granted now. */
  readonly grants: Grants
  /** The Tenants in the tenant's own namespace. */
  readonly customers: readonly Tenant[]
  /** How many customers an MSP has, including deleted and retained ones. */
  readonly customerCount: number
  /** Where the number of customers is limited: the Tenants beside this one, itself included, the oldest first. */
  readonly siblings: readonly Tenant[]
  /** The uids of the other tenants in the same namespace, present and past, that take a customer seat. */
  readonly seatsTaken: ReadonlySet<string>
  readonly plans: readonly TenantPlan[]
  /** Whether Kubernetes counts Tenantry's own kinds already: it refuses what a quota names and cannot count. */
  readonly ownKindsCounted: boolean
  readonly servers: readonly DatabaseServer[]
  /** While this tenant has no server: how many tenants are placed on each server. */
  readonly placed: Readonly<Record<string, number>>
  readonly claims: {
    /** The claims of the tenant's current names, which this tenant or another holds. */
    readonly cloudId: NameClaim | undefined
    readonly host: NameClaim | undefined
  }
  readonly adoption: Adoption | undefined
  readonly renaming: Renaming
  readonly namespace: NamespaceView | undefined
  /** By `Kind/name`. */
  readonly children: Readonly<Record<string, Fingerprint>>
  readonly databaseState: DatabaseState
  /**
   * By server: the certificates (PEM) that applications there shall trust, if any. Unreachable servers are left out.
   */
  readonly authorities: Readonly<Record<string, { readonly ca: string | undefined }>>
  readonly login: Login
  /** Read only before a possible destruction: at a deletion, and when an archived tenant's retention is over. */
  readonly live: LiveCheck | undefined
  /** An administrator released the deletions in the namespace of the Tenant, or all. */
  readonly deletionsReleased: boolean
  /** What keeps a deletion that would remove something from beginning; undefined where nothing does. */
  readonly brake: Brake | undefined
  /** How long nothing of a deleted Tenant is removed in any case; undefined without a grace period. */
  readonly grace: Grace | undefined
  /** The pods of a suspended tenant: read live, as no cache holds them. */
  readonly drain: DrainState
  /** Workloads of a tenant that has just come back and lack their pods; read live, now and then. */
  readonly stuckWorkloads: readonly StuckWorkload[]
  /** What other writers contested before this pass. */
  readonly contested: readonly ToldFinding[]
  /** Only while the Tenant asks what its deletion would remove. */
  readonly preview: Preview | undefined
  /** Only while a rehearsal of the last dump is due. */
  readonly rehearsal?: RehearsalState
  /** What spec.license grants now. */
  readonly license: JudgedLicense
}

export function childId(kind: ChildKind, name: string): string {
  return `${kind}/${name}`
}
