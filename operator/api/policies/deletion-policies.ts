/** Policies on deletions that have to be confirmed. */
import { annotations, group, labels } from '../names.ts'
import { notClusterController, operatorUser, ownRule } from './policy.ts'
import type { AdmissionPolicy, PolicyValues, ResourceRule } from './policy.ts'

const protectedTenant: AdmissionPolicy = {
  name: 'protected-tenant',
  description: 'A Tenant with spec.deletion.protected cannot be deleted.',
  rules: [ownRule('tenants', 'DELETE')],
  // A namespace that is being deleted empties itself; the operator keeps the data then.
  conditions: [notClusterController],
  validations: [
    {
      expression: '!oldObject.spec.deletion.protected',
      message: 'spec.deletion.protected is true: set it to false before you delete this Tenant.',
      reason: 'Forbidden',
    },
  ],
}

const meant = `has(oldObject.metadata.annotations) && oldObject.metadata.annotations[?'${annotations.allowDeletion}'] == optional.of(oldObject.metadata.name)`

const crdRule: ResourceRule = {
  apiGroups: ['apiextensions.k8s.io'],
  apiVersions: ['v1'],
  resources: ['customresourcedefinitions'],
  operations: ['DELETE'],
  scope: 'Cluster',
}

const crds: AdmissionPolicy = {
  name: 'crd-deletion',
  description:
    "Tenantry's CRDs cannot be deleted by accident: that would delete all their objects, bypassing every policy.",
  rules: [crdRule],
  conditions: [{ name: 'is-ours', expression: `oldObject.spec.group == '${group}'` }],
  validations: [
    {
      expression: meant,
      message: `metadata.annotations must have ${annotations.allowDeletion} with the name of this CRD before you delete it: all objects of its kind are deleted with it.`,
      reason: 'Forbidden',
    },
  ],
}

function namespaces(values: PolicyValues): AdmissionPolicy {
  const has = (key: string) => `oldObject.metadata.labels[?'${key}'].hasValue()`
  const own = `oldObject.metadata.name in ['${values.operatorNamespace}', '${values.webNamespace}']`
  const must = `metadata.annotations must have ${annotations.allowDeletion} with the name of this namespace before you delete it`
  return {
    name: 'namespace-deletion',
    description:
      "Namespaces that contain Tenants or belong to one, the operator's namespace and that of the pages cannot be deleted by accident.",
    rules: [
      { apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces'], operations: ['DELETE'], scope: 'Cluster' },
    ],
    conditions: [
      {
        name: 'holds-or-belongs-to-tenants-or-is-the-operators',
        expression: `${own} || (has(oldObject.metadata.labels) && (${has(labels.home)} || ${has(labels.tenantUid)}))`,
      },
      { name: 'not-under-way-already', expression: '!has(oldObject.metadata.deletionTimestamp)' },
      notClusterController,
    ],
    validations: [
      {
        expression: `!(${own}) || (${meant})`,
        message: `${must}: it contains Tenantry's own records, such as names, acceptances and the signing keys of invites.`,
        reason: 'Forbidden',
      },
      {
        expression: `${own} || (${meant}) || (request.userInfo.username == '${operatorUser(values)}' && ${has(labels.tenantUid)} && !${has(labels.home)})`,
        message: `${must}: it contains Tenants or belongs to one.`,
        reason: 'Forbidden',
      },
    ],
  }
}

/** A policy reads of other objects only what the operator wrote onto this one: how many tenants use it. */
const inUse = (
  kind: 'TenantPlan' | 'DatabaseServer',
  resource: string,
  use: string,
  first: string,
  counted = '',
): AdmissionPolicy => ({
  name: `${kind.toLowerCase()}-deletion`,
  description: `A ${kind} that tenants use cannot be deleted by accident.`,
  rules: [ownRule(resource, 'DELETE')],
  conditions: [
    { name: 'not-under-way-already', expression: '!has(oldObject.metadata.deletionTimestamp)' },
    // The garbage collector is not refused for ever; the finalizer holds the object.
    notClusterController,
  ],
  validations: [
    {
      expression: `oldObject.?status.tenants.orValue(0) == 0 || (${meant})`,
      message: `metadata.annotations must have ${annotations.allowDeletion} with the name of this ${kind} before you delete it, as tenants ${use}; or ${first} first.`,
      messageExpression: `'metadata.annotations must have ${annotations.allowDeletion}: ' + oldObject.metadata.name + ' before you delete this ${kind}, as tenants ${use} (' + string(oldObject.?status.tenants.orValue(0)) + '${counted}); or ${first} first.'`,
      reason: 'Forbidden',
    },
  ],
})

const plansInUse = inUse('TenantPlan', 'tenantplans', 'use it', 'give those Tenants another plan')
const serversInUse = inUse(
  'DatabaseServer',
  'databaseservers',
  'are placed on it',
  'delete those Tenants',
  ', including retained ones',
)

export function deletionPolicies(values: PolicyValues): readonly AdmissionPolicy[] {
  return [protectedTenant, crds, namespaces(values), plansInUse, serversInUse]
}
