/**
 * Policies on the records in Tenantry's own objects: the status and the finalizer. Only users who may write them in all
 * namespaces may change them, as they have rights above all tenants and may have to repair one.
 */
import { finalizer, group, version } from '../names.ts'
import { notOperator, ownRule } from './policy.ts'
import type { AdmissionPolicy, PolicyValues } from './policy.ts'

const plurals = ['tenants', 'tenantadmins', 'accessgrants'] as const

const everywhere = (subresource: string) =>
  `authorizer.group('${group}').resource(request.resource.resource).subresource('${subresource}').check('update').allowed()`

function statuses(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'status-writers',
    description: 'Only the operator writes the status, and administrators who may update it in all namespaces.',
    rules: [
      {
        apiGroups: [group],
        apiVersions: [version],
        resources: plurals.map((plural) => `${plural}/status`),
        operations: ['UPDATE'],
        scope: '*',
      },
    ],
    conditions: [notOperator(values)],
    validations: [
      {
        expression: everywhere('status'),
        message:
          'kind is one whose status only Tenantry writes; ask an administrator who may update it in all namespaces to repair it.',
        reason: 'Forbidden',
      },
    ],
  }
}

const bound = (root: string) => `(has(${root}.metadata.finalizers) && '${finalizer}' in ${root}.metadata.finalizers)`

function finalizers(values: PolicyValues): AdmissionPolicy {
  return {
    name: 'finalizer-keepers',
    description:
      'Only the operator removes the finalizer, after everything is removed, and administrators who may do so in all namespaces.',
    rules: plurals.map((plural) => ownRule(plural, 'UPDATE')),
    conditions: [
      notOperator(values),
      { name: 'loses-the-finalizer', expression: `${bound('oldObject')} && !${bound('object')}` },
    ],
    validations: [
      {
        expression: everywhere('finalizers'),
        message: `metadata.finalizers must keep ${finalizer}: Tenantry removes it after it has removed everything that it created.`,
        reason: 'Forbidden',
      },
    ],
  }
}

export function recordPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [statuses(values), finalizers(values)]
}
