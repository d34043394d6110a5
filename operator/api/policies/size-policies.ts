/** Policies that limit the metadata of Tenantry's kinds, which the apiserver limits by the size of a request only. */
import { ownRule } from './policy.ts'
import type { AdmissionPolicy, NamedExpression } from './policy.ts'

/** How to measure each part in CEL, and its bound. */
const parts = {
  labels: { most: 64, size: (root: string) => `(has(${root}.labels) ? size(${root}.labels) : 0)` },
  annotations: {
    most: 32 * 1024,
    size: (root: string) =>
      `(has(${root}.annotations) ? ${root}.annotations.map(key, size(key) + size(${root}.annotations[key])).sum() : 0)`,
  },
  finalizers: { most: 16, size: (root: string) => `(has(${root}.finalizers) ? size(${root}.finalizers) : 0)` },
  ownerReferences: {
    most: 16,
    size: (root: string) => `(has(${root}.ownerReferences) ? size(${root}.ownerReferences) : 0)`,
  },
} as const

const variables: readonly NamedExpression[] = Object.entries(parts).map(([name, { size }]) => ({
  name,
  expression: size('object.metadata'),
}))

/**
 * An object that is larger already may be edited where it does not grow: otherwise its finalizer could never be
 * removed.
 */
const fits = Object.entries(parts).map(
  ([name, { most, size }]) =>
    `(variables.${name} <= ${most} || (oldObject != null && variables.${name} <= ${size('oldObject.metadata')}))`,
)

const metadataSize: AdmissionPolicy = {
  name: 'metadata-size',
  description:
    'The metadata of a Tenant, TenantAdmin or AccessGrant is limited in size, because the operator keeps these objects in memory.',
  rules: ['tenants', 'tenantadmins', 'accessgrants'].map((resource) => ownRule(resource, 'CREATE', 'UPDATE')),
  variables,
  validations: [
    {
      expression: fits.join(' && '),
      message: `metadata must have no more than ${parts.labels.most} labels, ${parts.finalizers.most} finalizers and ${parts.ownerReferences.most} ownerReferences, and annotations of no more than 32 KiB together.`,
      reason: 'Invalid',
    },
  ],
}

export const sizePolicies = [metadataSize] as const
