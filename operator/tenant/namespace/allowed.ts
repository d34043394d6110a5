/** The text of the annotation by which the admission policies read from the namespace what the plan allows. Pure. */
import type { TenantPlanSpec } from '../../api/tenantplan.ts'

/** Neither a key nor a name of a class has a comma. Sorted, so that the order in the plan is no change. */
export function allowedWords({ allowed }: Pick<TenantPlanSpec, 'allowed'>): string {
  const named = (word: string, values: readonly string[] = []) => values.map((value) => `${word}=${value}`)
  return [
    ...named('annotation', allowed?.annotations),
    ...named('csiDriver', allowed?.csiDrivers),
    ...named('ingressClass', allowed?.ingressClasses),
    ...named('priorityClass', allowed?.priorityClasses),
    ...named('runtimeClass', allowed?.runtimeClasses),
    ...named('storageClass', allowed?.storageClasses),
    ...named('taint', allowed?.taints),
    ...named('volumeAttributesClass', allowed?.volumeAttributesClasses),
    ...(allowed?.unboundedEmptyDirs === true ? ['emptyDir=unbounded'] : []),
  ]
    .toSorted()
    .join(',')
}
