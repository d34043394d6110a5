/** Everything that is known about one tenant at one moment, gathered before anything is decided. Frozen data. */
import type { DatabaseServer } from '../../api/databaseserver.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { JudgedLicense } from '../../license/judge.ts'
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
  /** The admins of the MSP tenant above. */
  readonly parentAdmins: readonly TenantAdmin[]
  /** To whom access to this tenant is granted now. */
  readonly grants: Grants
  /** The Tenants in the tenant's own namespace. */
  readonly customers: readonly Tenant[]
  /** How many customers an MSP has, those that were deleted and retained included. */
  readonly customerCount: number
  /** Where their number is limited: the Tenants beside this one, itself included, the oldest first. */
  readonly siblings: readonly Tenant[]
  /** The uids of those, of now and of before, for whom making was begun where this one lies; without its own. */
  readonly slotsTaken: ReadonlySet<string>
  readonly plans: readonly TenantPlan[]
  /** Whether Kubernetes counts our own kinds already: what a quota names and it does not count, it refuses. */
  readonly ownKindsCounted: boolean
  readonly servers: readonly DatabaseServer[]
  /** While this one has no place: how many tenants are placed on each server. */
  readonly placed: Readonly<Record<string, number>>
  readonly claims: {
    /** The claims of the names that this tenant goes by, whoever holds them. */
    readonly cloudId: NameClaim | undefined
    readonly host: NameClaim | undefined
  }
  readonly adoption: Adoption | undefined
  readonly renaming: Renaming
  readonly namespace: NamespaceView | undefined
  /** By `Kind/name`. */
  readonly children: Readonly<Record<string, Fingerprint>>
  readonly databaseState: DatabaseState
  /** By server: the certificates (PEM) that applications shall trust there, if any. Servers out of reach are left out. */
  readonly authorities: Readonly<Record<string, { readonly ca: string | undefined }>>
  readonly login: Login
  /** Only before something may be destroyed: at a deletion, and when an archived tenant's time is over. */
  readonly live: LiveCheck | undefined
  /** What keeps a deletion from beginning, where it would take something away; undefined where nothing does. */
  readonly brake: Brake | undefined
  /** How long nothing of a deleted Tenant is removed in any case; undefined where nothing keeps it for a time. */
  readonly grace: Grace | undefined
  /** The pods of a tenant that is suspended: looked at live, as no cache holds them. */
  readonly drain: DrainState
  /** Workloads of a tenant that has just come back, and lack their pods; looked at live, now and then. */
  readonly stuckWorkloads: readonly StuckWorkload[]
  /** What others did not leave alone, as it was before this pass. */
  readonly contested: readonly ToldFinding[]
  /** Only while somebody asks what a deletion would remove. */
  readonly preview: Preview | undefined
  /** Only while a rehearsal of the last dump is due. */
  readonly rehearsal?: RehearsalState
  /** What spec.license is worth now. */
  readonly license: JudgedLicense
}

export function childId(kind: ChildKind, name: string): string {
  return `${kind}/${name}`
}
