/** All that there is at a moment, read from outside, and what the objects' specs make of it. */
import type { Stored } from '../../harness/api.ts'
import { readFacts } from '../../harness/facts.ts'
import type { Facts } from '../../harness/invariants.ts'
import { wantedPhase as wantedPhaseOf } from '../../model/wanted.ts'
import { phases } from '../../model/wanted.ts'
import type { Wanted } from '../../model/wanted.ts'
import { conditionOf } from '../life.ts'
import { group } from './places.ts'
import type { Memory } from './memory.ts'
import type { Scene } from './scene.ts'

export interface View {
  readonly facts: Facts
  readonly memory: Memory
  /** The namespace of the Tenants that are no customers. */
  readonly home: string
  readonly plan: Stored
  /** Of all namespaces. */
  readonly quotas: readonly Stored[]
  readonly policies: readonly Stored[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

export async function readView({ world, memory }: Scene): Promise<View> {
  const { api, postgres, installation } = world
  const sources = { api, postgres, namespace: installation.namespace, installation: 'test' }
  const [facts, plan, quotas, policies] = await Promise.all([
    readFacts(sources),
    api.get(`${group}/tenantplans/${installation.plan}`),
    api.list('/api/v1/resourcequotas'),
    api.list('/apis/networking.k8s.io/v1/networkpolicies'),
  ])
  if (plan === undefined) throw new Error('The plan is gone.')
  for (const { metadata, status } of facts.tenants) {
    const namespace = status?.['namespace']
    if (typeof namespace === 'string') memory.namespaces.set(metadata.name, namespace)
  }
  return {
    facts: { ...facts, kept: keptOf(facts, memory) },
    memory,
    home: installation.home,
    plan,
    quotas,
    policies,
    now: Date.now(),
  }
}

/** Whose data is nobody's now and may stay: not that of those who were taken over. */
function keptOf({ tenants }: Facts, { mayKeep }: Memory): readonly string[] {
  const adopted = new Set(tenants.flatMap(adoptedBy))
  return [...mayKeep].filter((uid) => !adopted.has(uid))
}

/** The uids of the Tenants that this one has taken over. */
export function adoptedBy({ status }: Stored): readonly string[] {
  return (status?.['adopted'] ?? []) as readonly string[] // of our own schema
}

/** Tenants that nobody has deleted. */
export function living({ facts }: View): readonly Stored[] {
  return facts.tenants.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

/** The MSP in whose namespace it lies. */
export function parentOf({ metadata }: Stored, { facts }: View): Stored | undefined {
  return facts.tenants.find(({ status }) => status?.['namespace'] === metadata.namespace)
}

/** In the namespace of an MSP that is gone: it is left as it was then, whatever its spec says since. */
export function isOrphan(tenant: Stored, view: View): boolean {
  return tenant.metadata.namespace !== view.home && parentOf(tenant, view) === undefined
}

export function customersOf({ status }: Stored, { facts }: View): readonly Stored[] {
  return facts.tenants.filter(({ metadata }) => metadata.namespace === status?.['namespace'])
}

/** As its spec and that of the MSP above ask: the phase of a tenant that is there. Of an orphan, the one that it has. */
export function wantedPhase(tenant: Stored, view: View): Wanted {
  const present = phases.find((phase) => phase === tenant.status?.['phase'])
  if (present !== undefined && isOrphan(tenant, view)) return present
  return wantedPhaseOf(tenant, parentOf(tenant, view), view.now)
}

export function isTrue(object: Stored, type: string): boolean {
  return conditionOf(object, type)?.status === 'True'
}

/** Whether something was made for it that is still there. */
export function isMade({ status }: Stored): boolean {
  return typeof status?.['namespace'] === 'string' && status['phase'] !== 'Purged'
}

export function titleOf({ metadata }: Stored): string {
  return `${metadata.namespace}/${metadata.name}`
}
