/** Policies on a tenant's pods: what they take of the nodes, and what add-ons give to them. */
import { before, isAsBefore } from './annotation-policies.ts'
import { podSpec, templates } from './pod-spec.ts'
import { notClusterController } from './policy.ts'
import type { AdmissionPolicy, NamedExpression, Validation } from './policy.ts'
import { above, allowed, inTenants, isAllowed, tenantRule } from './tenant-rule.ts'

const mayTolerate = (toleration: string): string =>
  `(${toleration}.?key.orValue('') != '' && (${toleration}.key.startsWith('node.kubernetes.io/') || ${isAllowed('taint', `${toleration}.key`)}))`

const toleratesWhat = (field: string) =>
  `${field}.tolerations must each have a key that spec.allowed.taints of the tenant's plan names.`

/** `field`: where the spec of the pod stands; `unless`: an expression that lets everything through. */
function podRules(field: string, unless: string): readonly Validation[] {
  return [
    {
      expression: `variables.spec.?nodeName.orValue('') == '' || ${unless}`,
      message: `${field}.nodeName must not be given in the namespace of a tenant: it bypasses the scheduler.`,
      reason: 'Forbidden',
    },
    {
      expression: `!has(variables.spec.tolerations) || variables.spec.tolerations.all(each, ${mayTolerate('each')}) || ${unless}`,
      message: toleratesWhat(field),
      reason: 'Forbidden',
    },
    {
      expression: `variables.spec.?runtimeClassName.orValue('') == '' || ${isAllowed('runtimeClass', 'variables.spec.runtimeClassName')} || ${unless}`,
      message: `${field}.runtimeClassName must be one that spec.allowed.runtimeClasses of the tenant's plan names, or be left out.`,
      reason: 'Forbidden',
    },
    {
      expression: `!has(variables.spec.volumes) || variables.spec.volumes.all(volume, !has(volume.csi) || ${isAllowed('csiDriver', 'volume.csi.driver')}) || ${unless}`,
      message: `${field}.volumes must have csi only with drivers that spec.allowed.csiDrivers of the tenant's plan names; use a PersistentVolumeClaim.`,
      reason: 'Forbidden',
    },
  ]
}

/**
 * An emptyDir on disk counts towards the storage of its pod, one in memory towards that of each container that writes
 * to it.
 */
const boundedEmptyDirs: Validation = {
  expression: `!has(variables.spec.volumes) || variables.spec.volumes.all(volume, !has(volume.emptyDir) || has(volume.emptyDir.sizeLimit) || (volume.emptyDir.?medium.orValue('') == '' ? variables.spec.containers.exists(each, 'ephemeral-storage' in each.?resources.?limits.orValue({})) : (variables.spec.containers.all(each, 'memory' in each.?resources.?limits.orValue({})) && variables.spec.?initContainers.orValue([]).all(each, 'memory' in each.?resources.?limits.orValue({}))))) || 'emptyDir=unbounded' in variables.allowed || variables.above`,
  message:
    'spec.volumes must have no emptyDir without a sizeLimit, unless the pod has a limit for ephemeral-storage (or, with medium Memory, for memory); set one of them.',
  reason: 'Forbidden',
}

/**
 * The annotations by which an add-on gives a pod further networks, a foreign address, a device of its node or an
 * identity in a cloud.
 */
const beyondPrefixes = [
  'cni.cilium.io/',
  'cni.projectcalico.org/',
  'iam.amazonaws.com/',
  'io.kubernetes.cri-o.',
  'ipam.antrea.io/',
  'ipam.cilium.io/',
  'ipam.spidernet.io/',
  'k8s.ovn.org/',
  'k8s.v1.cni.cncf.io/',
  'networking.gke.io/',
  'ovn.kubernetes.io/',
  'v1.multus-cni.io/',
] as const

/** Kube-OVN puts the name of a network before the prefix. */
const nothingBeyond: Validation = {
  expression: `!has(object.metadata.annotations) || !object.metadata.annotations.exists(key, ([${beyondPrefixes.map((prefix) => `'${prefix}'`).join(', ')}].exists(prefix, key.startsWith(prefix)) || key.contains('.ovn.kubernetes.io/')) && !${isAsBefore} && !('annotation=' + key in variables.allowed)) || variables.above`,
  message:
    "metadata.annotations must not set additional networks or addresses of the pod, devices, or a cloud identity, except with keys that spec.allowed.annotations of the tenant's plan names.",
  reason: 'Forbidden',
}

/** Also for pods of controllers, which make them from templates that no policy has checked. */
const pods: AdmissionPolicy = {
  name: 'tenant-pods',
  description: 'Pods of a tenant cannot bypass the scheduler, or use more of a node than they declare.',
  rules: [{ ...tenantRule('', 'v1', 'pods'), operations: ['CREATE'] }],
  namespaceSelector: inTenants,
  variables: [above, allowed, before, { name: 'spec', expression: 'object.spec' }],
  validations: [
    {
      expression: "!variables.spec.?priorityClassName.orValue('').startsWith('system-')",
      message: "spec.priorityClassName must not be one of the system's in the namespace of a tenant; leave it out.",
      reason: 'Forbidden',
    },
    ...podRules('spec', 'variables.above'),
    boundedEmptyDirs,
    nothingBeyond,
  ],
}

/**
 * Add-ons report a pod's networks in its annotations: writers that may change pods in all namespaces, or belong to the
 * cluster.
 */
const ofTheCluster: NamedExpression = {
  name: 'ofTheCluster',
  expression: `['update', 'patch'].exists(verb, authorizer.group('').resource('pods').check(verb).allowed()) || !(${notClusterController.expression})`,
}

const unlessOfTheCluster = (each: Validation): Validation => ({
  ...each,
  expression: `${each.expression} || variables.ofTheCluster`,
})

/** An unscheduled pod can be given tolerations, and any pod annotations at any time. The rest of its spec is fixed. */
const podChanges: AdmissionPolicy = {
  name: 'tenant-pod-changes',
  description: 'An update cannot give a pod of a tenant what a new pod could not have.',
  rules: [{ ...tenantRule('', 'v1', 'pods'), operations: ['UPDATE'] }],
  namespaceSelector: inTenants,
  variables: [above, ofTheCluster, allowed, before],
  validations: [
    {
      expression: `!has(object.spec.tolerations) || object.spec.tolerations.all(each, oldObject.spec.?tolerations.orValue([]).exists(old, old == each) || ${mayTolerate('each')}) || variables.above`,
      message: toleratesWhat('spec'),
      reason: 'Forbidden' as const,
    },
    nothingBeyond,
  ].map(unlessOfTheCluster),
}

/**
 * The same rules, reported to the person and not to a controller. A workload from before may be changed in other ways.
 */
const workloads: AdmissionPolicy = {
  name: 'tenant-workloads',
  description: 'Workloads of a tenant cannot create pods that bypass the scheduler.',
  rules: templates,
  namespaceSelector: inTenants,
  variables: [
    above,
    allowed,
    { name: 'spec', expression: podSpec('object') },
    { name: 'unchanged', expression: `oldObject != null && (${podSpec('oldObject')}) == variables.spec` },
  ],
  validations: podRules('spec.template.spec', '(variables.unchanged || variables.above)'),
}

export const podPolicies = [pods, podChanges, workloads] as const
