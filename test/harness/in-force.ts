import type { Kubectl } from './kubectl.ts'
import { eventually } from './wait.ts'

const apiVersion = 'admissionregistration.k8s.io/v1'

/** Each caller's own, so that two of them do not take away what the other waits for. */
let count = 0

/**
 * Waits until the API server enforces every ValidatingAdmissionPolicy and binding that was written before the call, and
 * none that was deleted before it. It hears of both by watches, in the order of the writes, and takes up at once what it has
 * heard of: a policy that is written last, and refuses, is the sign. One from the middle tells nothing of those after it.
 */
export async function policiesInForce(kubectl: Kubectl): Promise<void> {
  const name = `in-force-${process.pid}-${(count += 1)}`
  const policy = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
      matchConditions: [{ name: 'probe', expression: `request.namespace == 'default' && request.name == '${name}'` }],
      validations: [{ expression: 'false', message: name }],
    },
  }
  const binding = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  }
  await kubectl(['create', '-f', '-'], { input: { apiVersion: 'v1', kind: 'List', items: [policy, binding] } })
  const probe = ['create', 'configmap', name, '--namespace=default', '--dry-run=server']
  const isRefused = () =>
    kubectl(probe).then(
      () => false,
      (error: unknown) => String(error).includes(`denied request: ${name}`),
    )
  await eventually(isRefused, { timeout: 60_000, interval: 100, describe: 'the policies to be in force' })
  await kubectl(['delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', name])
}

/** Waits until the API server serves the kinds of these CustomResourceDefinitions; of all that there are, when none is named. */
export async function kindsServed(kubectl: Kubectl, names: readonly string[] = ['--all']): Promise<void> {
  await kubectl(['wait', 'crd', ...names, '--for=condition=Established', '--timeout=90s'])
}
