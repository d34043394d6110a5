/** What an installation decides about its tenants. Built once from the configuration, by the composition root. */
import type { TenantType } from '../../api/phases.ts'

/** How many deletions may begin in a time. */
export interface DeletionBrakeSettings {
  /** Tenants of the installation; 0: no limit. */
  readonly installation: number
  /** Customers of one MSP; 0: no limit. */
  readonly msp: number
  /** Milliseconds in which they are counted. */
  readonly window: number
  /** Milliseconds after which a deletion that is held goes on by itself; undefined: never. */
  readonly releaseAfter: number | undefined
}

/** What becomes of a Tenant that is deleted, where its plan does not say. */
export interface DeletionSettings {
  /** Milliseconds from its deletion for which it is kept as it is; 0: none. */
  readonly grace: number
  /** Whether a last dump is taken before anything of it is removed. */
  readonly finalDump: boolean
}

/** Where the cluster's DNS is, which every tenant may ask. */
export interface DnsSettings {
  /** Of its pods. */
  readonly namespaces: readonly string[]
  /** IP blocks, for what is no pod: a cache on each node, a server outside. */
  readonly addresses: readonly string[]
  /** That its pods listen on, whatever the port of the Service. */
  readonly ports: readonly number[]
}

export interface TenantSettings {
  /** Where claims and acceptances are kept, and the Secrets that DatabaseServers refer to. */
  readonly operatorNamespace: string
  /** Tells this installation's objects from those of another one, also on a server that both use. A label value. */
  readonly installation: string
  /** In front of the Cloud ID in a namespace's name: `tenant-`. */
  readonly namespacePrefix: string
  /** The domain under which each tenant has a host name. */
  readonly baseDomain: string
  /** Where invites are accepted: the host of the public URL. */
  readonly pagesHost: string
  readonly urlScheme: 'http' | 'https'
  /** In front of the e-mail in lower case, where a TenantAdmin names no Kubernetes user: `oidc:`, or nothing. */
  readonly userPrefix: string
  /** Subdomains that no tenant without a parent may have: `www`, `api`, `admin`, … */
  readonly reservedSubdomains: readonly string[]
  /** The ClusterRoles that a tenant's admins are bound to, by the tenant's type. */
  readonly adminClusterRoles: Readonly<Record<TenantType, string>>
  /** The ClusterRole of those to whom access is granted for a time. */
  readonly grantedClusterRole: string
  /** The ClusterRole that all of them are bound to instead while the tenant is suspended. */
  readonly readerClusterRole: string
  /** For each of the chart's ClusterRoles for sub-admins that they are bound to instead meanwhile; others are not bound. */
  readonly suspendedRoles: Readonly<Record<string, string>>
  /** The ClusterRoles that plans may offer to sub-admins. */
  readonly bindableRoles: readonly string[]
  /** The ClusterRoles of ours by which nobody comes by a Secret, neither directly nor through a pod. */
  readonly rolesWithoutSecrets: readonly string[]
  /** As whom the operator lists what a deletion would take, in the tenant's namespace and as long as it is asked. */
  readonly lister: { readonly serviceAccount: string; readonly clusterRole: string }
  readonly dns: DnsSettings
  /** Milliseconds that a former name of a tenant is kept for it; 0: not at all. */
  readonly aliasDuration: number
  /** Milliseconds that a masquerade lasts at most, and where its AccessGrant does not say. */
  readonly masqueradeLimit: number
  readonly deletionBrake: DeletionBrakeSettings
  readonly deletion: DeletionSettings
  /** Milliseconds since the epoch. Before, the quotas of new tenants do without the counts of our own kinds (app/own-kinds.ts). */
  readonly ownKindsCountedFrom: number
  /** Milliseconds between two logins that try whether a tenant's credentials still work. */
  readonly probeInterval: number
  /** Milliseconds after which something that stands in the way is looked at again although nothing was heard of it. */
  readonly retryInterval: number
  /** Milliseconds for which the PodDisruptionBudgets of a suspended tenant are respected. */
  readonly evictionTimeout: number
  /** Milliseconds after which it is looked again whether a suspended tenant's pods are gone. */
  readonly pollInterval: number
}
