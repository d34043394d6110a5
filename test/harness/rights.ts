/** Compares the rights that the chart gives an account with what it asked the apiserver for. */
import type { KubeObject } from '../../operator/kube/port.ts'
import type { AuditEvent } from './audit-log.ts'
import { chartName } from './chart.ts'

interface Rule {
  readonly resources?: readonly string[]
  readonly verbs: readonly string[]
}

interface RoleObject extends KubeObject {
  readonly rules: readonly Rule[]
}

/** `update secrets`, `patch tenants/status` */
export type Right = string

const isRole = (object: KubeObject, name: string): object is RoleObject =>
  ['ClusterRole', 'Role'].includes(object.kind) && object.metadata.name === name

/** Verbs that no request bears: the apiserver asks for them while it looks at another one. */
const implied: ReadonlySet<string> = new Set(['bind'])

/** All that one of the chart's accounts may do, one verb and one resource each. */
export function grantedRights(chart: readonly KubeObject[], role: 'operator' | 'web'): Right[] {
  const rules = chart.flatMap((object) => (isRole(object, `${chartName}-${role}`) ? object.rules : []))
  const rights = rules.flatMap(({ resources = [], verbs }) =>
    verbs.filter((verb) => !implied.has(verb)).flatMap((verb) => resources.map((resource) => `${verb} ${resource}`)),
  )
  return [...new Set(rights)].toSorted()
}

/** All that this user asked for and got. */
export function usedRights(events: readonly AuditEvent[], user: string): Set<Right> {
  const rights = events
    .filter((event) => event.user === user && event.resource !== '' && event.status !== 403)
    .map(({ verb, resource, subresource }) => `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`)
  return new Set(rights)
}

/** What it was refused for want of rights; refusals by a policy are 403 too. */
export function refusals(events: readonly AuditEvent[], user: string): string[] {
  return events.filter((event) => event.user === user && event.status === 403).map(({ verb, uri }) => `${verb} ${uri}`)
}
