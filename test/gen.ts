/** Builders: one valid object of each kind, as the apiserver gives it out, to be varied by a test. */
import { accessGrantSpec } from '../operator/api/accessgrant.ts'
import type { AccessGrant } from '../operator/api/accessgrant.ts'
import type { Condition } from '../operator/api/conditions.ts'
import { databaseServerSpec } from '../operator/api/databaseserver.ts'
import type { DatabaseServer } from '../operator/api/databaseserver.ts'
import { apiVersion, labels } from '../operator/api/names.ts'
import type { InviteStatus } from '../operator/api/phases.ts'
import type { Reason } from '../operator/api/reasons.ts'
import { tenantSpec } from '../operator/api/tenant.ts'
import type { KubeObject, ObjectMeta } from '../operator/kube/port.ts'
import type { Tenant } from '../operator/api/tenant.ts'
import { tenantAdminSpec } from '../operator/api/tenantadmin.ts'
import type { TenantAdmin } from '../operator/api/tenantadmin.ts'
import { tenantPlanSpec } from '../operator/api/tenantplan.ts'
import type { TenantPlan } from '../operator/api/tenantplan.ts'
import type { Namespace } from '../operator/kube/resources.ts'
import type { TenantSettings } from '../operator/tenant/model/settings.ts'

type Over<Spec> = Partial<ObjectMeta> & { readonly spec?: Partial<Spec> }
type SpecInput = Readonly<Record<string, unknown>>

export const tenantSettings: TenantSettings = {
  operatorNamespace: 'tenantry-system',
  webNamespace: 'tenantry-system-web',
  installation: 'main',
  namespacePrefix: 'tenant-',
  baseDomain: 'example.com',
  pagesHost: 'accept.example.com',
  urlScheme: 'https',
  userPrefix: 'oidc:',
  reservedSubdomains: ['www'],
  adminClusterRoles: { Customer: 'tenantry-tenant-admin', MSP: 'tenantry-msp-admin' },
  grantedClusterRole: 'tenantry-tenant-granted',
  readerClusterRole: 'tenantry-tenant-reader',
  suspendedRoles: { 'tenantry-tenant-developer': 'tenantry-tenant-viewer' },
  bindableRoles: ['app-viewer', 'tenantry-tenant-developer', 'tenantry-tenant-viewer'],
  rolesWithoutSecrets: ['tenantry-tenant-viewer'],
  lister: { serviceAccount: 'tenantry', clusterRole: 'tenantry-tenant-viewer' },
  dns: { namespaces: ['kube-system'], addresses: [], ports: [53] },
  probeInterval: 600_000,
  evictionTimeout: 300_000,
  aliasDuration: 30 * 86_400_000,
  masqueradeLimit: 3_600_000,
  deletionBrake: { installation: 0, msp: 0, window: 600_000, releaseAfter: undefined },
  deletion: { grace: 0, finalDump: false },
  ownKindsCountedFrom: 0,
  retryInterval: 30_000,
  pollInterval: 1_000,
}

function metadata(name: string, over: Partial<ObjectMeta>): ObjectMeta {
  return { name, uid: `uid-${name}`, generation: 1, creationTimestamp: '2030-01-01T00:00:00Z', ...over }
}

/** An MSP or Customer in the home namespace `home`, provisioned at once. Defaults are those of the schema. */
export function tenant({ spec, ...over }: Over<SpecInput> = {}): Tenant {
  const given = { displayName: 'Acme', provisioning: 'Immediate', ...spec }
  return {
    apiVersion,
    kind: 'Tenant',
    metadata: { ...metadata('acme', { namespace: 'home' }), ...over },
    spec: tenantSpec.parse(given),
  }
}

export interface AdminOver extends Over<SpecInput> {
  readonly invite?: InviteStatus
}

/** An admin of the tenant `acme` beside it; accepted unless `invite` says otherwise. */
export function tenantAdmin({ spec, invite = 'Accepted', ...over }: AdminOver = {}): TenantAdmin {
  const given = { tenantRef: { name: 'acme' }, username: 'jane', email: 'Jane@example.com', ...spec }
  return {
    apiVersion,
    kind: 'TenantAdmin',
    metadata: { ...metadata('jane', { namespace: 'home' }), ...over },
    spec: tenantAdminSpec.parse(given),
    status: { observedGeneration: 1, invite: { status: invite, sequence: 1, address: given.email } },
  }
}

/** A delegation to the technician tom, of access to the customer globex of the MSP acme; beside globex. */
export function accessGrant({ spec, ...over }: Over<SpecInput> = {}): AccessGrant {
  const given = { type: 'Delegation', tenantRef: { name: 'globex' }, username: 'tom', ...spec }
  return {
    apiVersion,
    kind: 'AccessGrant',
    metadata: { ...metadata('grant', { namespace: 'tenant-acme' }), ...over },
    spec: accessGrantSpec.parse(given),
  }
}

/** The default plan. */
export function tenantPlan({ spec, ...over }: Over<SpecInput> = {}): TenantPlan {
  const given = { default: true, quota: { 'requests.cpu': '2', pods: '20' }, ...spec }
  return {
    apiVersion,
    kind: 'TenantPlan',
    metadata: { ...metadata('standard', {}), ...over },
    spec: tenantPlanSpec.parse(given),
  }
}

/** A server that is ready, or is not for a `reason`. */
export function databaseServer({
  spec,
  reason,
  ...over
}: Over<SpecInput> & { readonly reason?: Reason } = {}): DatabaseServer {
  const given = { endpoint: { host: 'db.example.com' }, admin: { secretRef: { name: 'db-admin' } }, ...spec }
  return {
    apiVersion,
    kind: 'DatabaseServer',
    metadata: { ...metadata('main', {}), ...over },
    spec: databaseServerSpec.parse(given),
    status: {
      observedGeneration: 1,
      conditions: [
        reason === undefined ? condition('Ready', 'True', 'Connected') : condition('Ready', 'False', reason),
      ],
    },
  }
}

export function condition(
  type: Condition['type'],
  status: Condition['status'],
  reason: Reason,
  message = '',
): Condition {
  return { type, status, reason, message, observedGeneration: 1, lastTransitionTime: '2030-01-01T00:00:00Z' }
}

export function homeNamespace(name = 'home'): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { ...metadata(name, {}), labels: { [labels.home]: 'true' } } }
}

/** The definition of one of our kinds, as far as a finalizer reads it. */
export function definitionOf(plural: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.tenantry.dev` },
  }
}
