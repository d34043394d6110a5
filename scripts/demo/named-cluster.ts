/** A cluster that somebody named: nothing of theirs is touched, and what the demo made there goes with it. */
import { labels } from '../../operator/api/names.ts'
import { chartObjects } from '../../test/harness/chart.ts'
import type { Cluster } from '../../test/harness/cluster.ts'

const namespaces = ['tenantry-system', 'tenantry-system-web', 'customers']

/** @throws Error when there is something there that the demo would take over. */
export async function refuseTakenName({ kubectl, server }: Cluster): Promise<void> {
  const wanted = [
    ...namespaces.map((name) => ({ type: 'namespace', name })),
    { type: 'customresourcedefinition', name: 'tenants.tenantry.dev' },
  ]
  for (const { type, name } of wanted) {
    const found = await kubectl(['get', type, name, '--ignore-not-found', '-o', 'name'])
    if (found.trim() === '') continue
    throw new Error(
      `The cluster at ${server} has the ${type} ${name} already, which the demo would take over: use another cluster, or none.`,
    )
  }
}

/** When the operator has ended: the tenants with their namespaces, then all that was installed. */
export async function takeAway({ kubectl }: Cluster): Promise<void> {
  const objects = await chartObjects({ namespace: 'tenantry-system' })
  const namesOf = (kind: string) =>
    objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name)
  const remove = (type: string, names: readonly string[]) =>
    names.length === 0
      ? Promise.resolve('')
      : kubectl(['delete', type, ...names, '--ignore-not-found', '--timeout=60s'], { timeout: 70_000 })
  // The policies would refuse what follows.
  await remove('validatingadmissionpolicybinding', namesOf('ValidatingAdmissionPolicyBinding'))
  await remove('validatingadmissionpolicy', namesOf('ValidatingAdmissionPolicy'))
  await releaseFinalizers(kubectl)
  const made = await kubectl(['get', 'namespace', '-l', labels.tenantUid, '-o', 'jsonpath={.items[*].metadata.name}'])
  await remove('namespace', [...made.split(' ').filter((name) => name !== ''), ...namespaces])
  await remove('customresourcedefinition', namesOf('CustomResourceDefinition'))
  await remove('clusterrolebinding', namesOf('ClusterRoleBinding'))
  await remove('clusterrole', namesOf('ClusterRole'))
}

/** The operator is gone, and so is the PostgreSQL server that it would clean up. */
async function releaseFinalizers(kubectl: Cluster['kubectl']): Promise<void> {
  const where = '{range .items[*]}{.kind} {.metadata.namespace} {.metadata.name}{"\\n"}{end}'
  const kinds = 'tenants,tenantadmins,accessgrants,tenantplans,databaseservers'
  const found = await kubectl(['get', kinds, '-A', '-o', `jsonpath=${where}`])
  for (const line of found.split('\n').filter((text) => text !== '')) {
    const [kind = '', namespace = '', name = ''] = line.split(' ')
    const at = namespace === '' ? [] : ['-n', namespace]
    await kubectl(['patch', kind, name, ...at, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'])
  }
}
