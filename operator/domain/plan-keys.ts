/**
 * The labels and annotations of a tenant's namespace that come from its plan. An annotation on the namespace lists them
 * and is written with them: keys that the plan no longer gives are removed, and keys from others stay. Pure.
 */
import { z } from 'zod'
import { annotations } from '../api/names.ts'
import type { TenantPlanSpec } from '../api/tenantplan.ts'

const keys = z.object({ labels: z.array(z.string()).default([]), annotations: z.array(z.string()).default([]) })
type Keys = z.output<typeof keys>

const none: Keys = { labels: [], annotations: [] }

/** The annotation that lists the plan's keys; nothing where it has none. */
export function planKeysAnnotation({ namespace }: TenantPlanSpec): Readonly<Record<string, string>> {
  const given: Keys = {
    labels: Object.keys(namespace?.labels ?? {}).toSorted(),
    annotations: Object.keys(namespace?.annotations ?? {}).toSorted(),
  }
  if (given.labels.length + given.annotations.length === 0) return {}
  return { [annotations.planKeys]: JSON.stringify(given) }
}

type Keyed = {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** Keys on the namespace from an earlier plan that are no longer wanted. */
export function surplusKeys(actual: Keyed, wanted: Keyed): Keys {
  const recorded = actual.annotations?.[annotations.planKeys]
  const former = recorded === undefined ? none : parse(recorded)
  const left = (some: readonly string[], there: Keyed['labels'] = {}, asked: Keyed['labels'] = {}) =>
    some.filter((key) => key in there && !(key in asked) && !isReserved(key))
  return {
    labels: left(former.labels, actual.labels, wanted.labels),
    annotations: [
      ...left(former.annotations, actual.annotations, wanted.annotations),
      ...(recorded !== undefined && wanted.annotations?.[annotations.planKeys] === undefined
        ? [annotations.planKeys]
        : []),
    ],
  }
}

/** A hand-written annotation must not make Tenantry remove marks: no plan can give such keys. */
function isReserved(key: string): boolean {
  return /^([-a-z0-9.]+[.])?(tenantry[.]dev|kubernetes[.]io|k8s[.]io)\//.test(key)
}

function parse(text: string): Keys {
  try {
    return keys.catch(none).parse(JSON.parse(text))
  } catch {
    return none
  }
}
