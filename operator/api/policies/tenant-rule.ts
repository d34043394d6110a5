/** What the policies for the namespaces of tenants have in common. */
import { labels } from '../names.ts'
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
