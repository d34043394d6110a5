/** Everything that is known about one tenant at one moment, gathered before anything is decided. Frozen data. */
import type { DatabaseServer } from '../../api/databaseserver.ts'
import type { DumpFailure } from '../../dump/port.ts'
import type { Tenant } from '../../api/tenant.ts'
import type { TenantAdmin } from '../../api/tenantadmin.ts'
import type { TenantPlan } from '../../api/tenantplan.ts'
import type { JudgedLicense } from '../../license/judge.ts'
import type { ObservedDatabase, TenantDatabase } from '../../postgres/model/port.ts'
import type { Going } from '../../runtime/objects/deletion-cause.ts'
import type { Adoption } from '../validation/adoption.ts'
import type { Sleeper } from '../namespace/resume.ts'
import type { Brake } from '../lifecycle/deletion-brake.ts'
import type { Grace } from '../lifecycle/deletion-grace.ts'
import type { ToldFinding } from '../contests/contests.ts'
import type { ChildKind, Fingerprint } from '../../domain/fingerprint.ts'
import type { Grants } from '../access/granted-binding.ts'
import type { Identity } from '../../domain/marks.ts'
import type { Names } from './naming.ts'
import type { Preview } from '../observe/deletion-preview.ts'
import type { SeenRehearsal } from '../removal/rehearsal.ts'
import type { Renaming } from '../names/renaming.ts'
import type { TenantSettings } from './settings.ts'
import type { Claim, NamespaceView } from '../../domain/caches.ts'
import type { Stillness } from './workloads.ts'

/** What the namespace that a Tenant lies in makes of it. */
export type Home =
  | { readonly kind: 'Home' }
  /** The namespace of an MSP tenant: the Tenant is its customer. `ancestors` begins with the parent. */
  | { readonly kind: 'Msp'; readonly parent: Tenant; readonly ancestors: readonly Tenant[] }
  /** The namespace of a tenant whose Tenant is gone, or has only just taken it over. `msp`: `namespace/name`. */
  | { readonly kind: 'Kept'; readonly msp: string }
  | { readonly kind: 'NotAHome' }

/** The tenant's corner of its database server. */
export type Corner =
  /** Nothing was ever made there, or it is not looked at. */
  | { readonly kind: 'NotLookedAt' }
  /** What our own last action left, not contradicted since; `target` is what it was to be, the size from before. */
  | { readonly kind: 'Settled'; readonly target: TenantDatabase; readonly sizeBytes?: number }
  | { readonly kind: 'Seen'; readonly observed: ObservedDatabase | undefined }
  /** `another`: it is not the server on which the tenant was placed. */
  | { readonly kind: 'Unreachable'; readonly another?: true }

/** What a try to log in with the tenant's credentials said, if one was due; `RefusedAgain`: after they had been set anew. */
export type Login = 'NotDue' | 'Accepted' | 'Refused' | 'RefusedAgain'

/** What a deletion has to know from the live cluster and not from a cache. */
export interface LiveCheck {
  /** The definition of our kind, or the namespace the Tenant lies in, is going: the deletion was not meant for the data. */
  readonly going: Going | undefined
  /** The tenant's namespace. */
  readonly namespace: NamespaceView | undefined
  readonly claims: readonly Claim[]
  /** Whether the last dump is where the status records it, or why that is not known; undefined where none counts. */
  readonly dump?: 'There' | 'Gone' | DumpFailure
}

export interface Seen {
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
  readonly placesTaken: ReadonlySet<string>
  readonly plans: readonly TenantPlan[]
  /** Whether Kubernetes counts our own kinds already: what a quota names and it does not count, it refuses. */
  readonly ownKindsCounted: boolean
  readonly servers: readonly DatabaseServer[]
  /** While this one has no place: how many tenants are placed on each server. */
  readonly placed: Readonly<Record<string, number>>
  readonly claims: {
    /** The claims of the names that this tenant goes by, whoever holds them. */
    readonly cloudId: Claim | undefined
    readonly host: Claim | undefined
  }
  readonly adoption: Adoption | undefined
  readonly renaming: Renaming
  readonly namespace: NamespaceView | undefined
  /** By `Kind/name`. */
  readonly children: Readonly<Record<string, Fingerprint>>
  readonly corner: Corner
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
  readonly stillness: Stillness
  /** Workloads of a tenant that has just come back, and lack their pods; looked at live, now and then. */
  readonly sleepers: readonly Sleeper[]
  /** What others did not leave alone, as it was before this pass. */
  readonly contested: readonly ToldFinding[]
  /** Only while somebody asks what a deletion would remove. */
  readonly preview: Preview | undefined
  /** Only while a rehearsal of the last dump is due. */
  readonly rehearsal?: SeenRehearsal
  /** What spec.license is worth now. */
  readonly license: JudgedLicense
}

export function childId(kind: ChildKind, name: string): string {
  return `${kind}/${name}`
}
