/** The parts that the policies on tenants' namespaces share. */
import { annotations, labels } from '../names.ts'
import type { NamedExpression, ResourceRule } from './policy.ts'

export const inTenants = [{ key: labels.tenantUid, operator: 'Exists' }] as const

export const above: NamedExpression = {
  name: 'above',
  expression: "authorizer.group('').resource('namespaces').name(request.namespace).check('update').allowed()",
}

export function tenantRule(apiGroup: string, apiVersion: string, ...resources: readonly string[]): ResourceRule {
  const operations = ['CREATE', 'UPDATE'] as const
  return { apiGroups: [apiGroup], apiVersions: [apiVersion], resources, operations, scope: 'Namespaced' }
}

/**
 * Writers that may write such objects in all namespaces: a controller of the platform, such as the one for
 * certificates.
 */
export const everywhere: NamedExpression = {
  name: 'everywhere',
  expression: "authorizer.group(request.resource.group).resource(request.resource.resource).check('update').allowed()",
}

/** The words of the tenant's plan, from the annotation that the operator keeps on the namespace. */
export const allowed: NamedExpression = {
  name: 'allowed',
  expression: `has(namespaceObject.metadata.annotations) ? namespaceObject.metadata.annotations[?'${annotations.allowed}'].orValue('').split(',') : []`,
}

/** `name`: an expression. */
export const isAllowed = (word: string, name: string): string =>
  `('${word}=*' in variables.allowed || '${word}=' + ${name} in variables.allowed)`

/** Whether the class under test is the default. The apiserver fills in the default before a policy sees the object. */
export const isDefault = (annotation: string): string =>
  `has(params.metadata.annotations) && params.metadata.annotations[?'${annotation}'] == optional.of('true')`
