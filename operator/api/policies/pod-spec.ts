/** The path of the pod spec in each kind of object that makes pods. */
import type { ResourceRule } from './policy.ts'
import { tenantRule } from './tenant-rule.ts'

/** Resources with a template of pods. */
export const templates: readonly ResourceRule[] = [
  tenantRule('apps', 'v1', 'deployments', 'statefulsets', 'replicasets', 'daemonsets'),
  tenantRule('batch', 'v1', 'jobs', 'cronjobs'),
]

/** `root` is of several kinds, so it is typed only where it exists. */
export const podSpec = (root: string): string =>
  `${root}.kind == 'Pod' ? dyn(${root}).spec : ${root}.kind == 'CronJob' ? dyn(${root}).spec.jobTemplate.spec.template.spec : dyn(${root}).spec.template.spec`
