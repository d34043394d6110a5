/** The settings of tenants, built once from the configuration. */
import type { TenantType } from '../../api/phases.ts'

/** How many deletions may begin within a window. */
export interface DeletionBrakeSettings {
  /** Tenants of the installation; 0: no limit. */
  readonly installation: number
  /** Customers of one MSP; 0: no limit. */
  readonly msp: number
  /** Milliseconds of the window. */
  readonly window: number
  /** Milliseconds after which a held deletion goes on without an administrator's word; undefined: never. */
  readonly releaseAfter: number | undefined
}

/** What becomes of a deleted Tenant, where its plan does not say. */
export interface DeletionSettings {
  /** Milliseconds for which a deleted tenant stays as it is; 0: none. */
  readonly grace: number
  /** Whether a last dump is taken before anything of the tenant is removed. */
  readonly finalDump: boolean
}

/** Where the cluster's DNS is, which every tenant may query. */
export interface DnsSettings {
  /** The namespaces of its pods. */
  readonly namespaces: readonly string[]
  /** IP blocks, for DNS outside pods: a cache on each node, an external server. */
  readonly addresses: readonly string[]
  /** The ports that its pods listen on, whatever the port of the Service. */
  readonly ports: readonly number[]
}

export interface TenantSettings {
  /** The namespace of claims, and of the Secrets that DatabaseServers refer to. */
  readonly operatorNamespace: string
  /** The namespace of acceptances. */
  readonly webNamespace: string
  /** Distinguishes this installation's objects from another one's, also on a shared server. A label value. */
  readonly installation: string
  /** The prefix of the Cloud ID in a namespace's name: `tenant-`. */
  readonly namespacePrefix: string
  /** The domain under which each tenant has a host name. */
  readonly baseDomain: string
  /** Where invites are accepted: the host of the public URL. */
  readonly pagesHost: string
  readonly urlScheme: 'http' | 'https'
  /** The prefix of the e-mail in lower case, where a TenantAdmin names no Kubernetes user: `oidc:`, or nothing. */
  readonly userPrefix: string
  /** Subdomains that no tenant without a parent may have: `www`, `api`, `admin`, … */
  readonly reservedSubdomains: readonly string[]
  /** The ClusterRoles that a tenant's admins are bound to, by the tenant's type. */
  readonly adminClusterRoles: Readonly<Record<TenantType, string>>
  /** The ClusterRole for access that is granted for a time. */
  readonly grantedClusterRole: string
  /** The ClusterRole that replaces all of these while the tenant is suspended. */
  readonly readerClusterRole: string
  /**
   * The replacement, while suspended, of each ClusterRole that the chart has for sub-admins; others are not bound
   * meanwhile.
   */
  readonly suspendedRoles: Readonly<Record<string, string>>
  /** The ClusterRoles that plans may offer to sub-admins. */
  readonly bindableRoles: readonly string[]
  /** The chart's ClusterRoles that give no way to a Secret, neither directly nor through a pod. */
  readonly rolesWithoutSecrets: readonly string[]
  /**
   * The service account by which the operator lists what a deletion would remove, in the tenant's namespace and only
   * while asked.
   */
  readonly lister: { readonly serviceAccount: string; readonly clusterRole: string }
  readonly dns: DnsSettings
  /** Milliseconds that a former name of a tenant is kept for it; 0: not at all. */
  readonly aliasDuration: number
  /** Milliseconds that a masquerade lasts at most, and its default where the AccessGrant gives none. */
  readonly masqueradeLimit: number
  readonly deletionBrake: DeletionBrakeSettings
  readonly deletion: DeletionSettings
  /**
   * Milliseconds since the epoch. Until then the quotas of new tenants omit the counts of Tenantry's own kinds
   * (app/own-kinds.ts).
   */
  readonly ownKindsCountedFrom: number
  /** Milliseconds between two logins that test the tenant's credentials. */
  readonly probeInterval: number
  /** Milliseconds after which a blocker is looked at again without an event. */
  readonly retryInterval: number
  /** Milliseconds for which the PodDisruptionBudgets of a suspended tenant are respected. */
  readonly evictionTimeout: number
  /** Milliseconds between two looks for the pods of a suspended tenant. */
  readonly pollInterval: number
}
