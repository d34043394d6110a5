/** The page docs/reference/web-rights.md: every right of the account of the pages, from manifests/install.yaml. */
import { code, page, table } from '../../operator/api/docs/markdown.ts'
import type { KubeObject } from '../../operator/kube/port.ts'
import { chartName, parsed } from '../../test/harness/chart.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

interface RoleObject extends KubeObject {
  readonly rules: readonly Rule[]
}

/** Why the pages have each right; each right as {@link rightsOf} writes it. */
const purposes: Readonly<Record<string, string>> = {
  'namespaces in the cluster': 'finds the Tenant that a namespace belongs to, for TenantAdmins without spec.tenantRef',
  'tenants.tenantry.dev in the cluster': 'shows a person the tenant of an invite, and those that the person can enter',
  'tenantadmins.tenantry.dev in the cluster':
    'finds the person that an invite is for or who signs in, and ends the sessions of a person who is no longer active',
  'accessgrants.tenantry.dev in the cluster': 'shows a person the tenants to which access was granted for a time',
  'configmaps tenantry-installation in tenantry-system':
    'reads the id of the installation, which marks every acceptance',
  'secrets in tenantry-system-web':
    'verifies links with the signing keys; records acceptances, and takes one back whose invite changed meanwhile; keeps sessions and the hashes of changed passwords',
}

const thief = `## With a stolen token of this account

The account of the pages is \`system:serviceaccount:tenantry-system:tenantry-web\`. The holder of a token of it can do what the table says, until the token expires (Kubernetes renews it hourly) or the account is deleted:

- read who the tenants and their people are: names, e-mail addresses, states. It sees no password, no data and no credential of a tenant;
- sign links with the signing keys, and accept any open invite in the name of its recipient, with a password of its own;
- read the hashes of passwords (scrypt), the sessions (who they are of, with the groups and the ID token of a provider; when they end), and the initial password of the root admin as long as that was not changed. The cookie of a session cannot be made from its Secret;
- open a session as any person, the root admin included;
- set the password of any person. The operator carries its hash into the directory of the tenant, so that the holder can sign in to an application that takes the people from there;
- delete acceptances. The status of each TenantAdmin keeps that the person accepted.

It cannot read or write a Secret outside \`tenantry-system-web\`, change a Tenant, bind a role, act as another user, become leader, send a mail or connect to PostgreSQL.

After a theft: delete the ServiceAccount \`tenantry-web\` and install the chart again, which ends all its tokens. Remove the Secret \`tenantry-signing-keys\` in \`tenantry-system-web\`, which ends all links and sends the open invites again. Compare the acceptances of the time in question with the people: \`kubectl get secrets -n tenantry-system-web -l app.kubernetes.io/component=acceptance --sort-by=.metadata.creationTimestamp\`.`

/** @throws Error for a right without a purpose, and for a purpose without its right. */
export function rightsPage(manifest: string): string {
  const roles = parsed(manifest).filter(isWebRole)
  const rights = roles.flatMap(({ metadata, rules }) => rules.flatMap((rule) => rightsOf(rule, metadata.namespace)))
  const wrong = [
    ...rights.filter(({ right }) => purposes[right] === undefined).map(({ right }) => `no purpose says why: ${right}`),
    ...Object.keys(purposes)
      .filter((known) => !rights.some(({ right }) => right === known))
      .map((known) => `the chart does not give: ${known}`),
  ]
  if (wrong.length > 0) throw new Error(`scripts/chart/rights-page.ts: ${wrong.join('; ')}`)
  const rows = rights.map(({ right, verbs }) => [code(right), verbs.map(code).join(', '), purposes[right] ?? ''])
  return page(
    'manifests/install.yaml',
    'The rights of the pages',
    "The process that serves the pages has an account of its own. These are all its rights, as the chart gives them; a test shows that it uses each of them and is refused nothing. `tenantry-system` is the namespace of the release, `tenantry-system-web` that of the pages' Secrets.",
    table(['Right', 'Verbs', 'Purpose'], rows),
    thief,
  )
}

function isWebRole(object: KubeObject): object is RoleObject {
  return ['ClusterRole', 'Role'].includes(object.kind) && object.metadata.name === `${chartName}-web`
}

function rightsOf({ apiGroups, resources, resourceNames = [], verbs }: Rule, namespace: string | undefined) {
  const where = namespace === undefined ? 'in the cluster' : `in ${namespace}`
  return apiGroups.flatMap((group) =>
    resources.map((resource) => ({
      right: [group === '' ? resource : `${resource}.${group}`, ...resourceNames, where].join(' '),
      verbs,
    })),
  )
}
