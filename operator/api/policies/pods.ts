/** What a tenant's pods and claims may take of the nodes and of the cluster's volumes. */
import { podSpec, templates } from './pod-spec.ts'
import type { AdmissionPolicy, Validation } from './policy.ts'
import { above, allowed, inTenants, isAllowed, tenantRule } from './tenant-rule.ts'

/** `field`: where the spec of the pod stands; `unless`: an expression that lets everything through. */
function podRules(field: string, unless: string): readonly Validation[] {
  return [
    {
      expression: `variables.spec.?nodeName.orValue('') == '' || ${unless}`,
      message: `${field}.nodeName must not be given in the namespace of a tenant: it passes by the scheduler.`,
      reason: 'Forbidden',
    },
    {
      expression: `!has(variables.spec.tolerations) || variables.spec.tolerations.all(each, each.?key.orValue('') != '' && (each.key.startsWith('node.kubernetes.io/') || ${isAllowed('taint', 'each.key')})) || ${unless}`,
      message: `${field}.tolerations must each have a key that spec.allowed.taints of the tenant's plan names.`,
      reason: 'Forbidden',
    },
    {
      expression: `!has(variables.spec.volumes) || variables.spec.volumes.all(volume, !has(volume.csi) || ${isAllowed('csiDriver', 'volume.csi.driver')}) || ${unless}`,
      message: `${field}.volumes must have no csi but of drivers that spec.allowed.csiDrivers of the tenant's plan names; use a PersistentVolumeClaim.`,
      reason: 'Forbidden',
    },
  ]
}

/** An emptyDir on disk counts among the storage of its pod, one in memory among that of each container which writes to it. */
const boundedEmptyDirs: Validation = {
  expression: `!has(variables.spec.volumes) || variables.spec.volumes.all(volume, !has(volume.emptyDir) || has(volume.emptyDir.sizeLimit) || (volume.emptyDir.?medium.orValue('') == '' ? variables.spec.containers.exists(each, 'ephemeral-storage' in each.?resources.?limits.orValue({})) : (variables.spec.containers.all(each, 'memory' in each.?resources.?limits.orValue({})) && variables.spec.?initContainers.orValue([]).all(each, 'memory' in each.?resources.?limits.orValue({}))))) || 'emptyDir=unbounded' in variables.allowed || variables.above`,
  message:
    'spec.volumes must have no emptyDir without sizeLimit where the pod has no limit of ephemeral-storage, or of memory with medium Memory; give one of them.',
  reason: 'Forbidden',
}

/** By which an add-on gives a pod further networks, or an address of others. */
const networkPrefixes = ['k8s.v1.cni.cncf.io/', 'v1.multus-cni.io/', 'cni.projectcalico.org/', 'k8s.ovn.org/'] as const

const noFurtherNetworks: Validation = {
  expression: `!has(object.metadata.annotations) || !object.metadata.annotations.exists(key, [${networkPrefixes.map((prefix) => `'${prefix}'`).join(', ')}].exists(prefix, key.startsWith(prefix)) && !('annotation=' + key in variables.allowed)) || variables.above`,
  message:
    "metadata.annotations must name no further networks or addresses of the pod but by keys that spec.allowed.annotations of the tenant's plan names.",
  reason: 'Forbidden',
}

/** Whoever makes them: controllers make pods from templates that nobody has looked at. */
const pods: AdmissionPolicy = {
  name: 'tenant-pods',
  description: 'Pods of a tenant run where the scheduler puts them, and take no more of a node than they say.',
  rules: [{ ...tenantRule('', 'v1', 'pods'), operations: ['CREATE'] }],
  namespaceSelector: inTenants,
  variables: [above, allowed, { name: 'spec', expression: 'object.spec' }],
  validations: [
    {
      expression: "!variables.spec.?priorityClassName.orValue('').startsWith('system-')",
      message: "spec.priorityClassName must not be one of the system's in the namespace of a tenant; leave it out.",
      reason: 'Forbidden',
    },
    ...podRules('spec', 'variables.above'),
    boundedEmptyDirs,
    noFurtherNetworks,
  ],
}

/** The same, said to the person and not to a controller. What ran before may be changed in other ways. */
const workloads: AdmissionPolicy = {
  name: 'tenant-workloads',
  description: 'Workloads of a tenant make pods that run where the scheduler puts them.',
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

/** Whoever makes it: a claim of a StatefulSet or of a pod is made by a controller. */
const claims: AdmissionPolicy = {
  name: 'tenant-claims',
  description: 'Claims of a tenant get volumes that are made for them.',
  rules: [{ ...tenantRule('', 'v1', 'persistentvolumeclaims'), operations: ['CREATE'] }],
  namespaceSelector: inTenants,
  variables: [above, allowed],
  validations: [
    {
      expression: `(object.spec.?volumeName.orValue('') == '' && !has(object.spec.selector) && object.spec.?storageClassName.orValue('any') != '') || variables.above`,
      message:
        'spec must have neither volumeName nor selector nor an empty storageClassName in the namespace of a tenant: each chooses a volume that was made for others.',
      reason: 'Forbidden',
    },
    {
      expression: `!has(object.metadata.annotations) || !('volume.beta.kubernetes.io/storage-class' in object.metadata.annotations) || variables.above`,
      message:
        'metadata.annotations must not have volume.beta.kubernetes.io/storage-class in the namespace of a tenant; use spec.storageClassName.',
      reason: 'Forbidden',
    },
  ],
}

export const podPolicies = [pods, workloads, claims] as const
