/** What the operator follows, and what it keeps of it: our own kinds whole, everything else as a small view. */
import { accessGrants } from './api/accessgrant.ts'
import { databaseServers } from './api/databaseserver.ts'
import { labels, managedBy } from './api/names.ts'
import { tenantAdmins } from './api/tenantadmin.ts'
import { tenantPlans } from './api/tenantplan.ts'
import { tenants } from './api/tenant.ts'
import type { KubeObject, Resource } from './kube/port.ts'
import {
  configMaps,
  limitRanges,
  namespaces,
  networkPolicies,
  resourceQuotas,
  roleBindings,
  secrets,
} from './kube/resources.ts'
import type { Indexes } from './runtime/cache.ts'
import { Source } from './runtime/source.ts'
import type { SourcePorts } from './runtime/source.ts'
import { fingerprint } from './tenant/fingerprint.ts'
import {
  childIndexes,
  claimIndexes,
  claimView,
  namespaceView,
  tenantAdminIndexes,
  tenantIndexes,
} from './tenant/sources.ts'
import { acceptanceView } from './tenantadmin/acceptance.ts'
import { acceptanceIndexes } from './tenantadmin/ports.ts'

export type Sources = ReturnType<typeof createSources>

/** @param installation only its own children are followed, so that two installations in one cluster do not meet. */
export function createSources(ports: SourcePorts, operatorNamespace: string, installation: string) {
  const ours = `${labels.managedBy}=${managedBy},${labels.installation}=${installation}`
  const component = (name: string) => `${ours},${labels.component}=${name}`
  const whole = <T extends KubeObject, I extends string = never>(resource: Resource<T>, indexes?: Indexes<T, I>) =>
    new Source<T, T, I>({ resource, project: (object) => object, ...(indexes === undefined ? {} : { indexes }) }, ports)
  const child = { labelSelector: ours, indexes: childIndexes }
  return {
    tenants: whole(tenants, tenantIndexes),
    admins: whole(tenantAdmins, tenantAdminIndexes),
    grants: whole(accessGrants),
    plans: whole(tenantPlans),
    servers: whole(databaseServers),
    namespaces: new Source({ resource: namespaces, project: namespaceView }, ports),
    claims: new Source(
      {
        resource: configMaps,
        project: claimView,
        namespace: operatorNamespace,
        labelSelector: component('claim'),
        indexes: claimIndexes,
      },
      ports,
    ),
    acceptances: new Source(
      {
        resource: secrets,
        project: acceptanceView,
        namespace: operatorNamespace,
        labelSelector: component('acceptance'),
        indexes: acceptanceIndexes,
      },
      ports,
    ),
    children: {
      Secret: new Source(
        {
          resource: secrets,
          project: (object) => fingerprint('Secret', object),
          ...child,
          labelSelector: component('binding'),
        },
        ports,
      ),
      RoleBinding: new Source(
        { resource: roleBindings, project: (object) => fingerprint('RoleBinding', object), ...child },
        ports,
      ),
      NetworkPolicy: new Source(
        { resource: networkPolicies, project: (object) => fingerprint('NetworkPolicy', object), ...child },
        ports,
      ),
      LimitRange: new Source(
        { resource: limitRanges, project: (object) => fingerprint('LimitRange', object), ...child },
        ports,
      ),
      ResourceQuota: new Source(
        { resource: resourceQuotas, project: (object) => fingerprint('ResourceQuota', object), ...child },
        ports,
      ),
    },
  }
}
