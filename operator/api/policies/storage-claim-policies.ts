/**
 * Policies on the PersistentVolumeClaims of a tenant, also on those that a controller makes for a StatefulSet or a pod. An
 * unbound claim can still get a volume and a class; only binding may give them.
 */
import { noUnknownAnnotations, before, unknownAnnotations } from './annotation-policies.ts'
import { notClusterController } from './policy.ts'
import type { AdmissionPolicy, NamedExpression, Validation } from './policy.ts'
import { above, allowed, everywhere, inTenants, isAllowed, isDefault, tenantRule } from './tenant-rule.ts'

const rules = [tenantRule('', 'v1', 'persistentvolumeclaims')]

/**
 * The controllers that bind, provision and schedule change claims in all namespaces, or belong to the cluster, and make
 * none.
 */
const binds: NamedExpression = {
  name: 'binds',
  expression: `${everywhere.expression} || !(${notClusterController.expression})`,
}

const changedBeside = (...fields: readonly string[]): string =>
  `(oldObject != null && (variables.binds || (${fields.map((field) => `object.spec.?${field} == oldObject.spec.?${field}`).join(' && ')})))`

const noVolumeOfOthers: Validation = {
  expression: `(object.spec.?volumeName.orValue('') == '' && !has(object.spec.selector) && object.spec.?storageClassName.orValue('any') != '') || variables.above || ${changedBeside('volumeName', 'selector', 'storageClassName')}`,
  message:
    'spec must have neither volumeName nor selector nor an empty storageClassName in the namespace of a tenant: each selects an existing volume, which can belong to another tenant.',
  reason: 'Forbidden',
}

/** The apiserver does not allow a change of this annotation. */
const noClassInAnnotations: Validation = {
  expression: `oldObject != null || !has(object.metadata.annotations) || !('volume.beta.kubernetes.io/storage-class' in object.metadata.annotations) || variables.above`,
  message:
    'metadata.annotations must not have volume.beta.kubernetes.io/storage-class in the namespace of a tenant; use spec.storageClassName.',
  reason: 'Forbidden',
}

const attributes: Validation = {
  expression: `object.spec.?volumeAttributesClassName.orValue('') == '' || ${isAllowed('volumeAttributesClass', 'object.spec.volumeAttributesClassName')} || variables.above || ${changedBeside('volumeAttributesClassName')}`,
  message:
    "spec.volumeAttributesClassName must be one that spec.allowed.volumeAttributesClasses of the tenant's plan names, or be left out.",
  reason: 'Forbidden',
}

/** A provisioner derives paths and copies from annotations. */
const annotations: Validation = {
  ...noUnknownAnnotations,
  expression: 'variables.strange.size() == 0 || variables.above || (oldObject != null && variables.binds)',
}

const claims: AdmissionPolicy = {
  name: 'tenant-claims',
  description: 'PersistentVolumeClaims of a tenant get only newly provisioned volumes.',
  rules,
  namespaceSelector: inTenants,
  variables: [above, binds, allowed, before, unknownAnnotations],
  validations: [noVolumeOfOthers, noClassInAnnotations, attributes, annotations],
}

const storageClass: AdmissionPolicy = {
  name: 'tenant-storage-class',
  description: 'PersistentVolumeClaims of a tenant can use only the StorageClasses that its plan allows.',
  rules,
  namespaceSelector: inTenants,
  params: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' },
  variables: [above, binds, allowed],
  validations: [
    {
      expression: `!has(object.spec.storageClassName) || object.spec.storageClassName != params.metadata.name || (${isDefault('storageclass.kubernetes.io/is-default-class')}) || ${isAllowed('storageClass', 'params.metadata.name')} || variables.above || ${changedBeside('storageClassName')}`,
      message:
        "spec.storageClassName must be one that spec.allowed.storageClasses of the tenant's plan names, or be left out for the default of the cluster.",
      reason: 'Forbidden',
    },
  ],
}

export const storageClaimPolicies = [claims, storageClass] as const
