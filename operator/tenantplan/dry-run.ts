/**
 * Tries whether the Kubernetes API would accept a plan's objects: each is sent for the operator's own namespace, and
 * none is stored. Only answers about fields count: policies and webhooks judge a tenant's namespace, and the tenants
 * that they concern report those.
 */
import type { TenantPlan } from '../api/tenantplan.ts'
import type { Verdict } from '../api/verdict.ts'
import { KubeError } from '../kube/port.ts'
import type { FieldCause, Kube, KubeObject, Resource } from '../kube/port.ts'
import { limitRanges, namespaces, networkPolicies, resourceQuotas } from '../kube/resources.ts'
import { alwaysReached, isolationPolicy } from '../tenant/namespace/network-policy.ts'
import type { Identity } from '../domain/marks.ts'
import { tenantLimits, tenantNamespace, tenantQuota } from '../tenant/namespace/objects.ts'
import type { TenantSettings } from '../tenant/model/settings.ts'

export type DryRunSettings = Pick<TenantSettings, 'operatorNamespace' | 'installation' | 'dns'>

/** The uid of no Tenant: no stored object ever bears it. */
const placeholder = { uid: '00000000-0000-0000-0000-000000000000', name: 'tenantry-dry-run' } as const

/** Undefined where the API accepts the plan. Throws KubeError where the API server gives no answer. */
export async function dryRunPlan(
  plan: TenantPlan,
  kube: Pick<Kube, 'dryRun'>,
  settings: DryRunSettings,
): Promise<Verdict | undefined> {
  const { operatorNamespace: namespace, installation, dns } = settings
  const identity: Identity = {
    installation,
    tenant: `${namespace}/${placeholder.name}`,
    uid: placeholder.uid,
    formerUids: [],
  }
  const { spec } = plan
  const ways = { cloudId: placeholder.name, type: 'Customer', hosts: [] } as const
  const limits = tenantLimits(identity, namespace, plan)
  const policy = isolationPolicy(identity, namespace, spec.network, dns)
  const before = alwaysReached(dns).length
  const causes = await Promise.all([
    refusedFields(
      kube,
      namespaces,
      tenantNamespace({ identity, name: placeholder.name, plan: spec, ...ways }),
      ofNamespace,
    ),
    refusedFields(kube, resourceQuotas, tenantQuota(identity, namespace, plan), ofQuota),
    limits === undefined ? [] : refusedFields(kube, limitRanges, limits, (field) => field),
    refusedFields(kube, networkPolicies, policy, (field) => ofNetwork(field, before)),
  ])
  return verdictOn(causes.flat())
}

/** The fields that the API server refuses, each under its name in the plan. */
async function refusedFields<T extends KubeObject>(
  kube: Pick<Kube, 'dryRun'>,
  resource: Resource<T>,
  object: T,
  inPlan: (field: string) => string,
): Promise<readonly FieldCause[]> {
  try {
    await kube.dryRun(resource, object)
    return []
  } catch (error) {
    if (!(error instanceof KubeError) || unanswered.has(error.reason)) throw error
    return error.causes.map(({ field, message }) => ({ field: inPlan(field), message }))
  }
}

const unanswered: ReadonlySet<string> = new Set<KubeError['reason']>([
  'Timeout',
  'TooManyRequests',
  'Unauthorized',
  'Unavailable',
  'Unknown',
])

function ofNamespace(field: string): string {
  return field.replace(/^metadata\./, 'spec.namespace.')
}

function ofQuota(field: string): string {
  return field.replace(/^spec\.hard/, 'spec.quota')
}

/** `before`: how many rules for outgoing traffic come before those of the plan. */
function ofNetwork(field: string, before: number): string {
  return field
    .replace(/^spec\.egress\[(\d+)\]/, (_, index) => `spec.network.egress[${Number(index) - before}]`)
    .replace(/\.to\[0\]\.ipBlock\b/, '')
    .replace(
      /^spec\.ingress\[0\]\.from\[(\d+)\].*/,
      (_, index) => `spec.network.ingressNamespaces[${Number(index) - 1}]`,
    )
}

const mostNamed = 8

function verdictOn(causes: readonly FieldCause[]): Verdict | undefined {
  if (causes.length === 0) return undefined
  const named = causes.slice(0, mostNamed).map(({ field, message }) => `${field}: ${message}`)
  const more = causes.length > mostNamed ? `; and ${causes.length - mostNamed} more` : ''
  return {
    reason: 'PlanRefused',
    message: `The Kubernetes API refuses objects that the plan gives to tenants. ${named.join('; ')}${more}. Correct it; until then its tenants keep what the plan gave before, and no new tenant is made by it.`,
  }
}
