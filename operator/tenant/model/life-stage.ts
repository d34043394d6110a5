/** The stage of a tenant in its life: whether it has started, is accepted, and which state holds. Pure. */
import { isTrue } from '../../api/conditions.ts'
import type { State } from '../../api/phases.ts'
import { bearsMark } from '../../domain/marks.ts'
import type { Snapshot } from './snapshot.ts'
import { hasAccepted } from '../../domain/admin-state.ts'

/**
 * Whether making the namespace and the database has begun: then they are kept and repaired, whatever the spec says now.
 */
export function hasStarted({
  tenant,
  names,
  namespace,
  identity,
}: Pick<Snapshot, 'tenant' | 'names' | 'namespace' | 'identity'>): boolean {
  const made = namespace !== undefined && bearsMark(namespace, identity)
  return names.server !== undefined || tenant.status?.namespace !== undefined || made
}

/** Whether an admin has accepted, now or once: deleting the admin does not undo an acceptance. */
export function isAccepted({ admins, tenant }: Snapshot): boolean {
  return admins.some(hasAccepted) || isTrue(tenant.status?.conditions, 'AdminAccepted')
}

const strictness: readonly State[] = ['Active', 'Deactivated', 'Archived']

/** The strictest of the tenant's own state and its ancestors' states. */
export function strictestState({ tenant, home }: Snapshot): State {
  const states = [tenant, ...(home.kind === 'Msp' ? home.ancestors : [])].map(({ spec }) =>
    strictness.indexOf(spec.state),
  )
  return strictness[Math.max(...states)] ?? 'Active'
}
