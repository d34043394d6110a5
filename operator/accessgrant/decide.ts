/** Decides about an AccessGrant: from its snapshot to its status and its next look. */
import type { AccessGrantStatus } from '../api/accessgrant.ts'
import { nextConditions, notReady } from '../api/conditions.ts'
import type { NewCondition } from '../api/conditions.ts'
import type { Verdict } from '../api/verdict.ts'
import { timestamp } from '../runtime/base/clock.ts'
import { withTenant } from './terms/bound-tenant.ts'
import { decided, judge } from './terms/judge-grant.ts'
import type { Judgement } from './terms/judge-grant.ts'
import type { Snapshot } from './terms/snapshot.ts'
import type { AccessGrantSettings } from './terms/settings.ts'
import { accessBlocker } from './terms/access-blocker.ts'
import { endOf } from './terms/grant-end.ts'
import { underWay } from './terms/verdicts.ts'
import type { GrantVerdict } from './terms/verdicts.ts'

export interface Decision {
  readonly status: AccessGrantStatus
  /** The AccessGrant of a masquerade that ended long ago: its object is deleted. */
  readonly collect: boolean
  /** Milliseconds since the epoch; undefined when nothing changes without an event. */
  readonly dueAt: number | undefined
}

/** `now`: milliseconds since the epoch. */
export function decide(observed: Snapshot, settings: AccessGrantSettings, now: number): Decision {
  // Recorded in the same write, or found recorded: the tenant binds no user before.
  const grant = observed.target === undefined ? observed.grant : withTenant({ ...observed, ...observed.target })
  const snapshot = { ...observed, grant }
  const judged = judgementOf(snapshot, settings, now)
  const outlook = outlookOf(snapshot, judged, now)
  const end = judged.kind === 'Ended' ? judged.end : endOf(grant, settings)
  const collectAt =
    grant.spec.type === 'Masquerade' && end !== undefined ? end + settings.masqueradeRetention : undefined
  const due = [end, collectAt].filter((time) => time !== undefined).filter((time) => time > now)
  return {
    status: statusOf(snapshot, outlook, end, now),
    collect: collectAt !== undefined && collectAt <= now && outlook.phase !== 'Active',
    dueAt: due[0],
  }
}

function judgementOf({ grant, target, masquerades }: Snapshot, settings: AccessGrantSettings, now: number): Judgement {
  if (target !== undefined) return judge({ grant, ...target, masquerades, settings, now })
  const end = endOf(grant, settings)
  if (end !== undefined && end <= now) return decided(grant) ?? { kind: 'Ended', end }
  return decided(grant) ?? { kind: 'Not', verdict: tenantMissing(grant.spec.tenantRef.name) }
}

function tenantMissing(name: string): GrantVerdict {
  return underWay(
    'TenantNotFound',
    `spec.tenantRef names the Tenant ${name}, which does not exist in this namespace (yet).`,
  )
}

interface Outlook {
  readonly phase: AccessGrantStatus['phase']
  readonly kind: GrantVerdict['kind']
  readonly said: Verdict
  readonly user: string | undefined
}

function outlookOf({ grant, target }: Snapshot, judged: Judgement, now: number): Outlook {
  const { username, tenantRef, type } = grant.spec
  switch (judged.kind) {
    case 'Not': {
      const { kind, ...said } = judged.verdict
      return { phase: kind === 'Refused' ? 'Refused' : undefined, kind, said, user: undefined }
    }
    case 'Ended': {
      const message = `The access of ${username} to the Tenant ${tenantRef.name} has ended (status.endsAt).`
      return { phase: 'Ended', kind: 'Ready', said: { reason: 'Ended', message }, user: grant.status?.user }
    }
    case 'Entitled': {
      const { user, end } = judged
      const verdict = target && accessBlocker(target, now)
      if (verdict !== undefined) {
        const { kind, ...said } = verdict
        return { phase: undefined, kind, said, user }
      }
      const until = end === undefined ? 'until this AccessGrant is deleted' : 'until status.endsAt'
      const how = type === 'Masquerade' ? 'acts as an admin of' : 'has access to'
      const message = `${user} ${how} the Tenant ${tenantRef.name} ${until}.`
      return { phase: 'Active', kind: 'Ready', said: { reason: 'Granted', message }, user }
    }
  }
}

function statusOf({ grant }: Snapshot, { phase, kind, said, user }: Outlook, end: number | undefined, now: number) {
  const { status, metadata } = grant
  const observedGeneration = metadata.generation ?? 0
  const startedAt = status?.startedAt ?? (phase === 'Active' ? timestamp(now) : undefined)
  const ready: readonly NewCondition[] = [{ type: 'Ready', status: 'True', ...said, observedGeneration }]
  const next =
    kind === 'Ready' ? ready : notReady(kind === 'Refused' ? 'Stalled' : 'Reconciling', said, observedGeneration)
  const told: AccessGrantStatus = {
    observedGeneration,
    ...(phase === undefined ? {} : { phase }),
    ...(status?.tenantUid === undefined ? {} : { tenantUid: status.tenantUid }),
    ...(user === undefined ? {} : { user }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(end === undefined || phase === 'Refused' ? {} : { endsAt: timestamp(end) }),
    conditions: nextConditions(status?.conditions, next, now),
  }
  return told
}
