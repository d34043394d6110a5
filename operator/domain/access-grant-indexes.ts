/** The indexes of AccessGrants. Pure. */
import type { AccessGrant } from '../api/accessgrant.ts'
import type { IndexFunction } from '../runtime/cache/cache.ts'

/** AccessGrants: by `namespace/name` of the Tenant, and masquerades by the Kubernetes user who acts. */
export const accessGrantIndexes = {
  tenantRef: ({ metadata, spec }) => [`${metadata.namespace ?? ''}/${spec.tenantRef.name}`],
  masquerader: ({ spec }) => (spec.type === 'Masquerade' ? [spec.username] : []),
} satisfies Record<string, IndexFunction<AccessGrant>>
