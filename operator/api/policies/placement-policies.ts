/** Policies on the namespace of a Tenant, and on the TenantPlan and DatabaseServer that it names. */
import { annotations, group, labels } from '../names.ts'
import { ownRule } from './policy.ts'
import type { AdmissionPolicy, Validation } from './policy.ts'

const tenantHome: AdmissionPolicy = {
  name: 'tenant-home',
  description: 'Tenants can be created only in home namespaces and in the namespaces of MSPs.',
  rules: [ownRule('tenants', 'CREATE')],
  validations: [
    {
      expression: `has(namespaceObject.metadata.labels) && (namespaceObject.metadata.labels[?'${labels.home}'] == optional.of('true') || namespaceObject.metadata.labels[?'${labels.tenantType}'] == optional.of('MSP'))`,
      message: `metadata.namespace must be a home namespace, labelled ${labels.home}: "true", or an MSP's namespace.`,
      reason: 'Forbidden',
    },
    {
      // The customers of the lower MSP would escape the count, and their hosts could pass for those of another MSP.
      expression: `object.spec.type != 'MSP' || (has(namespaceObject.metadata.labels) && namespaceObject.metadata.labels[?'${labels.home}'] == optional.of('true'))`,
      message: 'spec.type must not be MSP in the namespace of an MSP: an MSP must be in a home namespace.',
      reason: 'Forbidden',
    },
  ],
}

/** The requesting user gave `path`, now or in this change, and lacks the verb `use` on what it names. */
function useOf(path: readonly [string, ...string[]], plural: string): Validation {
  const steps = path.map((_, index) => ['spec', ...path.slice(0, index + 1)].join('.'))
  const field = `spec.${path.join('.')}`
  const given = (root: string) => steps.map((step) => `has(${root}.${step})`).join(' && ')
  const unchanged = `oldObject != null && ${given('oldObject')} && oldObject.${field} == object.${field}`
  const allowed = `authorizer.group('${group}').resource('${plural}').name(object.${field}).check('use').allowed()`
  return {
    expression: `!(${given('object')}) || (${unchanged}) || ${allowed}`,
    message: `${field} names an object that you may not use; ask for the verb use on it.`,
    messageExpression: `'${field} names ' + object.${field} + ', which you may not use; ask for the verb use on that one of ${plural}.${group}.'`,
    reason: 'Forbidden',
  }
}

const tenantUse: AdmissionPolicy = {
  name: 'tenant-use',
  description: 'Setting or changing the plan or the database server of a Tenant requires the verb use on it.',
  rules: [ownRule('tenants', 'CREATE', 'UPDATE')],
  validations: [useOf(['plan'], 'tenantplans'), useOf(['database', 'server'], 'databaseservers')],
}

const annotation = (root: string, name: string) =>
  `(${root} != null && has(${root}.metadata.annotations) ? ${root}.metadata.annotations[?'${name}'].orValue('') : '')`

/** A user who sets or changes it needs the verb adopt on tenants everywhere. */
function adoptTo(name: string, does: string): Validation {
  const unchanged = `${annotation('object', name)} == ${annotation('oldObject', name)}`
  const allowed = `authorizer.group('${group}').resource('tenants').check('adopt').allowed()`
  return {
    expression: `${annotation('object', name)} == '' || ${unchanged} || ${allowed}`,
    message: `metadata.annotations ${name} ${does}, which you may not do; ask for the verb adopt on tenants.${group} in all namespaces.`,
    reason: 'Forbidden',
  }
}

const tenantAdopt: AdmissionPolicy = {
  name: 'tenant-adopt',
  description:
    "Adopting an earlier tenant's data, or releasing its names, requires the verb adopt on tenants in all namespaces.",
  rules: [ownRule('tenants', 'CREATE', 'UPDATE')],
  validations: [
    adoptTo(annotations.adopt, 'adopts an earlier tenant'),
    // An earlier tenant that is given up no longer counts among the customers of an MSP.
    adoptTo(annotations.giveUp, "releases an earlier tenant's names"),
  ],
}

export const placementPolicies = [tenantHome, tenantUse, tenantAdopt] as const
