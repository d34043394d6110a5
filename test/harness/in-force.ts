import { ApiError } from './api.ts'
import type { Api } from './api.ts'
import type { Kubectl } from './kubectl.ts'
import { eventually } from './wait.ts'

const group = '/apis/admissionregistration.k8s.io/v1'

/** Each caller's own, so that two of them do not take away what the other waits for. */
let count = 0

/**
 * Waits until the API server enforces every ValidatingAdmissionPolicy and binding that was written before the call, and
 * none that was deleted before it. It hears of both by watches, in the order of the writes, and takes up at once what it has
 * heard of: a policy that is written last, and refuses, is the sign. One from the middle tells nothing of those after it.
 */
export async function policiesInForce(api: Api): Promise<void> {
  const name = `in-force-${process.pid}-${(count += 1)}`
  await api.send('POST', `${group}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
      matchConditions: [{ name: 'probe', expression: `request.namespace == 'default' && request.name == '${name}'` }],
      validations: [{ expression: 'false', message: name }],
    },
  })
  await api.send('POST', `${group}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  })
  const isRefused = () =>
    api.send('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', { metadata: { name } }).then(
      () => false,
      (error: unknown) => error instanceof ApiError && error.message.includes(`denied request: ${name}`),
    )
  await eventually(isRefused, { timeout: 60_000, interval: 50, describe: 'the policies to be in force' })
  for (const kind of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies'])
    await api.send('DELETE', `${group}/${kind}/${name}`)
}

/** Waits until the API server serves the kinds of these CustomResourceDefinitions; of all that there are, when none is named. */
export async function kindsServed(kubectl: Kubectl, names: readonly string[] = ['--all']): Promise<void> {
  await kubectl(['wait', 'crd', ...names, '--for=condition=Established', '--timeout=90s'])
}
