/** What there is at rest against what there has to be. Sentences; none is good. */
import { labels } from '../../../../operator/api/names.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import type { ConfigMap, RoleBinding } from '../../../../operator/kube/resources.ts'
import { misnamed } from '../../../model/names.ts'
import type { Named } from '../../../model/names.ts'
import { endOf, wantedCloudId, wantedHost } from '../../../model/wanted.ts'
import type { History } from './history.ts'
import { outcomes, wantedOf } from './outcomes.ts'
import type { Outcome } from './outcomes.ts'
import type { Life, TenantKey } from './life.ts'
import { keys } from './life.ts'

export function discrepancies(life: Life, history: History): readonly string[] {
  const { world } = life
  return keys.flatMap((key) => {
    const tenant = life.find(key)
    if (tenant === undefined) return []
    const named = namesOf(tenant, life)
    const deletionCause = tenant.metadata.deletionTimestamp !== undefined
    const called = deletionCause || life.isOrphan(tenant) ? [] : misnamedIn(named, life)
    const conflict = named.refused !== undefined && conflicts.includes(named.refused) ? named.refused : undefined
    const past = history.of(tenant)
    const [is, may] = [outcomeOf(tenant, life), outcomes(tenant, past, conflict, life)]
    const good = may.some((each) => tell(each) === tell(is))
    return [
      ...called,
      ...(good ? [] : [`${key} is ${tell(is)} and should be ${may.map(tell).join(' or ') || 'gone'}`]),
      ...(good && is.made && !(deletionCause && past.mayBePurged) ? inside(key, tenant, is, life) : []),
      ...(good && !deletionCause
        ? unwatched(key, tenant, is, history, life).map((what) => `${key} is not looked at ${what}`)
        : []),
    ].map((sentence) => `${sentence} (at ${new Date(world.clock.now()).toISOString()})`)
  })
}

function tell({ made, phase, ready, stalled, available }: Outcome): string {
  return `${made ? 'made' : 'not made'}, ${phase}, Ready ${ready}, Stalled ${stalled ?? 'no'}, ${available ? '' : 'not '}Available`
}

function outcomeOf(tenant: Tenant, life: Life): Outcome {
  const condition = (type: string) => tenant.status?.conditions?.find((each) => each.type === type)
  const ready = condition('Ready')
  return {
    made: life.hasDatabase(tenant) && life.namespaceOf(tenant) !== undefined,
    phase: tenant.status?.phase ?? 'none',
    ready: `${ready?.status} ${ready?.reason}`,
    stalled: condition('Stalled')?.reason,
    available: condition('Available')?.status === 'True',
  }
}

const conflicts: readonly string[] = ['CloudIdConflict', 'HostConflict']
/** What is told before a name that is taken. */
const graver: readonly (string | undefined)[] = ['DumpFailed', 'StateNotAllowed']

function misnamedIn(tenant: Named, life: Life): readonly string[] {
  const implied = tenant.cloudId === tenant.wanted.cloudId ? 'HostConflict' : 'CloudIdConflict'
  const named = graver.includes(tenant.refused) ? { ...tenant, refused: implied } : tenant
  const all = life
    .tenants()
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((each) => namesOf(each, life))
  const claims = life.world.cluster.all<ConfigMap>('ConfigMap')
  return misnamed(named, all, (name) => claims.find(({ metadata }) => metadata.name === name)?.data?.['uid'])
}

function namesOf(tenant: Tenant, life: Life): Named {
  const { metadata, status } = tenant
  const host = wantedHost(tenant, life.parentOf(tenant)?.status?.host, 'example.com')
  return {
    uid: metadata.uid ?? '',
    title: `${metadata.namespace ?? ''}/${metadata.name}`,
    cloudId: status?.cloudId,
    host: status?.host,
    wanted: { cloudId: wantedCloudId(tenant), host },
    refused: status?.conditions?.find(({ type }) => type === 'Stalled')?.reason,
  }
}

/** Logins, pods and people of one that was made. */
function inside(key: TenantKey, tenant: Tenant, is: Outcome, life: Life): readonly string[] {
  // Without its MSP nothing of it is mended.
  if (life.isOrphan(tenant) && tenant.metadata.deletionTimestamp === undefined)
    return is.phase !== 'Active' && life.logsIn(tenant) === true ? [`${key} can log in`] : []
  const { cluster } = life.world
  const on = wantedOf(tenant, life) === 'Active'
  const namespace = life.namespaceOf(tenant)?.metadata.name ?? ''
  const still = cluster.find('ResourceQuota', `${namespace}/tenantry-suspension`) !== undefined
  const bound = cluster.find<RoleBinding>('RoleBinding', `${namespace}/tenantry-admins`)
  const users = bound?.subjects?.map(({ name }) => name).toSorted() ?? []
  // Below an MSP that is not there, who has access is left as it was.
  const due = life.isOrphan(tenant) ? users : usersOf(tenant, life)
  const reads = bound?.roleRef.name.endsWith('-reader') ?? !on
  return [
    ...(life.logsIn(tenant) === on ? [] : [`${key} ${on ? 'cannot' : 'can'} log in`]),
    ...(still === !on ? [] : [`${key}'s pods ${on ? 'may not' : 'may'} run`]),
    ...(users.join() === due.join() ? [] : [`${key} lets in ${users.join() || 'nobody'} instead of ${due.join()}`]),
    ...(reads === !on ? [] : [`${key}'s admins may ${reads ? 'only read' : 'write'}`]),
  ]
}

function usersOf(tenant: Tenant, life: Life): readonly string[] {
  return life
    .adminsOf(tenant)
    .filter(({ spec, status }) => spec.state === 'Active' && status?.invite?.status === 'Accepted')
    .map(({ spec }) => `oidc:${spec.email.toLowerCase()}`)
    .toSorted()
}

/** Whoever changes by time alone has to be looked at when it does. */
function unwatched(key: TenantKey, tenant: Tenant, is: Outcome, history: History, life: Life): readonly string[] {
  const { world } = life
  const now = world.clock.now()
  const { archive } = history.of(tenant)
  const due = world.due.get(key) ?? Infinity
  const late = (at: number | undefined) => at !== undefined && at > now && due > at - now + 1000
  if (is.phase === 'Purged') return []
  return [
    ...(late(endOf(tenant)) ? ['when it expires'] : []),
    ...(is.made && is.phase === 'Archived' && late(archive?.latest) ? ['when its data is to go'] : []),
  ]
}

/** What bears the mark of nobody who lives, or of nobody whose data stays on purpose. */
export function leftBehind(life: Life): readonly string[] {
  const { world, outliving } = life
  const all = life.tenants()
  // Without its MSP a tenant is left as it is, also in the midst of taking over.
  const adopted = new Set(all.filter((each) => !life.isOrphan(each)).flatMap(({ status }) => status?.adopted ?? []))
  const living = new Set([
    ...all.map(({ metadata }) => metadata.uid),
    ...[...outliving.keys()].filter((uid) => !adopted.has(uid)),
  ])
  const marked = ['Namespace', 'ConfigMap']
    .flatMap((kind) => world.cluster.all(kind))
    .filter(({ metadata }) => metadata.labels?.[labels.tenantUid] !== undefined)
  return [
    ...marked
      .filter(({ metadata }) => !living.has(metadata.labels?.[labels.tenantUid]))
      .map(({ kind, metadata }) => `${kind} ${metadata.name} is left behind`),
    ...[...world.postgres.databases]
      .filter(([, { owner }]) => !living.has(owner?.mark?.uid))
      .map(([owner]) => `${owner} is left behind`),
  ]
}
