/** The ports of the reconciler of AccessGrants. */
import type { LineWriter } from '../api/log-lines.ts'
import type { KubeWriter } from '../kube/port.ts'
import type { Clock } from '../runtime/base/clock.ts'
import type { RecordsEvents } from '../api/events.ts'
import type { TenantCaches } from '../domain/caches.ts'

export interface AccessGrantPorts {
  readonly caches: Pick<TenantCaches, 'grants' | 'tenants' | 'admins' | 'namespaces' | 'claims'> & {
    readonly children: Pick<TenantCaches['children'], 'RoleBinding'>
  }
  readonly kube: Pick<KubeWriter, 'patch' | 'delete'>
  readonly events: RecordsEvents
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly log: LineWriter
}
