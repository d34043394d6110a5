/**
 * The sources that the operator watches, and what their caches keep: Tenantry's own kinds whole, everything else as a
 * small view.
 */
import { accessGrants } from '../api/accessgrant.ts'
import { databaseServers } from '../api/databaseserver.ts'
import {
  accessListName,
  adminPasswordSecretType,
  labels,
  licenseSecretType,
  managedBy,
  signingKeysName,
} from '../api/names.ts'
import { tenantAdmins } from '../api/tenantadmin.ts'
import { tenantPlans } from '../api/tenantplan.ts'
import { tenants } from '../api/tenant.ts'
import type { Config } from '../config/config.ts'
import type { KubeObject, ListOptions, Resource } from '../kube/port.ts'
import {
  configMaps,
  limitRanges,
  namespaces,
  networkPolicies,
  resourceQuotas,
  roleBindings,
  secrets,
} from '../kube/resources.ts'
import type { Indexes } from '../runtime/cache/cache.ts'
import { keyOf } from '../runtime/objects/object.ts'
import { Source } from '../runtime/cache/reflector.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import type { ChildKind, ChildObjects, Fingerprint } from '../domain/fingerprint.ts'
import {
  childIndexes,
  claimIndexes,
  claimView,
  namespaceView,
  tenantAdminIndexes,
  tenantIndexes,
} from '../domain/caches.ts'
import { licenseSecretView } from '../tenant/lifecycle/license-reader.ts'
import { acceptanceView } from '../domain/acceptance.ts'
import { changedPasswordIndexes, changedPasswordView } from '../domain/changed-password.ts'
import { firstPasswordView } from '../domain/first-password.ts'
import { acceptanceIndexes, firstPasswordIndexes } from '../tenantadmin/ports.ts'
import { accessGrantIndexes } from '../domain/access-grant-indexes.ts'
import type { SourcePorts } from '../runtime/cache/source-ports.ts'

/** The namespaces of the operator's records. */
export type Where = Pick<Config, 'namespace' | 'webNamespace'>

export type Sources = ReturnType<typeof createSources>

/** @param installation only its own children are watched, so that two installations in one cluster do not meet. */
export function createSources(ports: SourcePorts, where: Where, installation: string) {
  const ours = `${labels.managedBy}=${managedBy},${labels.installation}=${installation}`
  return {
    ...declared(ports),
    ...records(ports, where, ours),
    passwords: firstPasswords(ports),
    licenses: licenseSecrets(ports),
    namespaces: new Source({ resource: namespaces, project: namespaceView }, ports),
    children: children(ports, ours),
  }
}

export type Caches = ReturnType<typeof cachesOf>

/** What the reconcilers read. */
export function cachesOf(sources: Sources) {
  const { Secret, RoleBinding, NetworkPolicy, LimitRange, ResourceQuota, ConfigMap } = sources.children
  return {
    tenants: sources.tenants.cache,
    admins: sources.admins.cache,
    grants: sources.grants.cache,
    plans: sources.plans.cache,
    servers: sources.servers.cache,
    namespaces: sources.namespaces.cache,
    claims: sources.claims.cache,
    acceptances: sources.acceptances.cache,
    firstPasswords: sources.firstPasswords.cache,
    changedPasswords: sources.changedPasswords.cache,
    formerRecords: sources.formerRecords.cache,
    licenses: sources.licenses.cache,
    children: {
      Secret: Secret.cache,
      RoleBinding: RoleBinding.cache,
      NetworkPolicy: NetworkPolicy.cache,
      LimitRange: LimitRange.cache,
      ResourceQuota: ResourceQuota.cache,
      ConfigMap: ConfigMap.cache,
    },
  }
}

/** The kinds that people declare. */
function declared(ports: SourcePorts) {
  const whole = <T extends KubeObject, I extends string = never>(resource: Resource<T>, indexes?: Indexes<T, I>) =>
    new Source<T, T, I>({ resource, project: (object) => object, ...(indexes === undefined ? {} : { indexes }) }, ports)
  return {
    tenants: whole(tenants, tenantIndexes),
    admins: whole(tenantAdmins, tenantAdminIndexes),
    grants: whole(accessGrants, accessGrantIndexes),
    plans: whole(tenantPlans),
    servers: whole(databaseServers),
  }
}

/** What the operator keeps in its own namespace, and in that of the pages. */
function records(ports: SourcePorts, { namespace, webNamespace }: Where, ours: string) {
  const labelled = (component: string) => ({ labelSelector: `${ours},${labels.component}=${component}` })
  const inWeb = (component: string) => ({ namespace: webNamespace, ...labelled(component) })
  return {
    claims: new Source(
      { resource: configMaps, project: claimView, indexes: claimIndexes, namespace, ...labelled('claim') },
      ports,
    ),
    acceptances: new Source(
      { resource: secrets, project: acceptanceView, indexes: acceptanceIndexes, ...inWeb('acceptance') },
      ports,
    ),
    firstPasswords: new Source(
      { resource: secrets, project: firstPasswordView, indexes: firstPasswordIndexes, ...inWeb('first-password') },
      ports,
    ),
    changedPasswords: new Source(
      { resource: secrets, project: changedPasswordView, indexes: changedPasswordIndexes, ...inWeb('password') },
      ports,
    ),
    keys: new Source(
      { resource: secrets, project: keyOf, namespace: webNamespace, fieldSelector: `metadata.name=${signingKeysName}` },
      ports,
    ),
    formerRecords: new Source(
      {
        resource: secrets,
        project: keyOf,
        namespace,
        labelSelector: `${ours},${labels.component} in (acceptance,signing-keys)`,
      },
      ports,
    ),
  }
}

/** First passwords that people wrote; only their place is kept. */
function firstPasswords(ports: SourcePorts) {
  return new Source({ resource: secrets, project: keyOf, fieldSelector: `type=${adminPasswordSecretType}` }, ports)
}

/** License keys beside their Tenants. */
function licenseSecrets(ports: SourcePorts) {
  const fieldSelector = `type=${licenseSecretType}`
  return new Source({ resource: secrets, project: licenseSecretView, fieldSelector }, ports)
}

/** What is made in tenants' namespaces. */
function children(ports: SourcePorts, ours: string) {
  const child = <K extends ChildKind>(
    kind: K,
    resource: Resource<ChildObjects[K]>,
    selectors: Pick<ListOptions, 'labelSelector' | 'fieldSelector'> = { labelSelector: ours },
  ) =>
    new Source<ChildObjects[K], Fingerprint, keyof typeof childIndexes>(
      { resource, project: (object) => fingerprint(kind, object), indexes: childIndexes, ...selectors },
      ports,
    )
  return {
    Secret: child('Secret', secrets, { labelSelector: `${ours},${labels.component}=binding` }),
    RoleBinding: child('RoleBinding', roleBindings),
    NetworkPolicy: child('NetworkPolicy', networkPolicies),
    LimitRange: child('LimitRange', limitRanges),
    ResourceQuota: child('ResourceQuota', resourceQuotas),
    // The watch is by name, as the operator may read no other.
    ConfigMap: child('ConfigMap', configMaps, {
      labelSelector: ours,
      fieldSelector: `metadata.name=${accessListName}`,
    }),
  }
}
