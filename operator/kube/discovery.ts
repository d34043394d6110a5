/**
 * Which kinds of object a namespace can hold, from the aggregated discovery document (apidiscovery.k8s.io/v2), and
 * which of them a SelfSubjectRulesReview lets this account list. Pure.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
 */
import { z } from 'zod'
import type { Resource } from './port.ts'

export interface NamespacedKind extends Resource {
  /** Empty: the core group. */
  readonly apiGroup: string
}

const resource = z.object({
  resource: z.string(),
  scope: z.string(),
  verbs: z.array(z.string()).nullish(),
  responseKind: z.object({ kind: z.string() }).nullish(),
})
const group = z.object({
  metadata: z.object({ name: z.string().optional() }).optional(),
  versions: z.array(
    z.object({ version: z.string(), freshness: z.string().optional(), resources: z.array(resource).nullish() }),
  ),
})
const document = z.object({ items: z.array(group).nullish() })

/** Kinds that every component writes about everything, and that expire within the hour. */
const passing: readonly string[] = ['events']

/**
 * Each kind once, in the version that its group prefers: those that lie in namespaces and are deleted with them.
 * `unknown`: groups whose server does not list its kinds now, as `*.<group>`.
 */
export function kindsIn(documents: readonly unknown[]): {
  readonly kinds: readonly NamespacedKind[]
  readonly unknown: readonly string[]
} {
  const groups = documents.flatMap((each) => document.parse(each).items ?? [])
  return {
    kinds: groups.flatMap(kindsOf),
    unknown: groups
      .filter(({ versions }) => versions.some(({ freshness }) => freshness === 'Stale'))
      .map(({ metadata }) => `*.${metadata?.name ?? ''}`),
  }
}

function kindsOf({ metadata, versions }: z.infer<typeof group>): readonly NamespacedKind[] {
  const apiGroup = metadata?.name ?? ''
  const found = new Map<string, NamespacedKind>()
  for (const { version, resources } of versions) {
    for (const { resource: plural, scope, verbs, responseKind } of resources ?? []) {
      const counts = scope === 'Namespaced' && ['list', 'delete'].every((verb) => verbs?.includes(verb))
      if (!counts || found.has(plural) || passing.includes(plural)) continue
      const apiVersion = apiGroup === '' ? version : `${apiGroup}/${version}`
      found.set(plural, { apiGroup, apiVersion, kind: responseKind?.kind ?? plural, plural, namespaced: true })
    }
  }
  return [...found.values()]
}

const review = z.object({
  status: z.object({
    resourceRules: z.array(
      z.object({
        verbs: z.array(z.string()),
        apiGroups: z.array(z.string()).nullish(),
        resources: z.array(z.string()).nullish(),
        resourceNames: z.array(z.string()).nullish(),
      }),
    ),
  }),
})

/** Whether the review (authorization.k8s.io/v1) allows listing all objects of a kind. */
export function mayList(rules: unknown, { apiGroup, plural }: NamespacedKind): boolean {
  const holds = (list: readonly string[] | null | undefined, value: string) =>
    list?.some((each) => each === '*' || each === value) ?? false
  return review
    .parse(rules)
    .status.resourceRules.some(
      ({ verbs, apiGroups, resources, resourceNames }) =>
        (resourceNames ?? []).length === 0 &&
        holds(verbs, 'list') &&
        holds(apiGroups, apiGroup) &&
        holds(resources, plural),
    )
}
