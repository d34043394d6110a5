/**
 * The conditions of each kind in each situation of its life, and how kstatus (Flux, kpt, `helm --wait`) and Argo CD
 * read them. Source of docs/reference/status.md.
 */
import type { ConditionStatus } from './conditions.ts'
import type { AccessGrantPhase, TenantAdminPhase, TenantPhase } from './phases.ts'
import type { Reason } from './reasons.ts'

/** What kstatus makes of an object (sigs.k8s.io/cli-utils/pkg/kstatus). */
export type KStatus = 'InProgress' | 'Current' | 'Failed' | 'Terminating'
export type ArgoHealth = 'Progressing' | 'Healthy' | 'Degraded'

export interface Situation<Phase extends string = string> {
  /** The situation, for people. */
  readonly when: string
  readonly phase?: Phase
  readonly ready: ConditionStatus
  readonly available?: ConditionStatus
  /** The one of the two that exists, and is True. */
  readonly also?: 'Reconciling' | 'Stalled'
  /** Of `also`, or else of Ready; both have the same while Ready is not True. */
  readonly reason: Reason
  readonly deleting?: true
}

const current = (ready: Reason, when: string) => ({ when, ready: 'True', reason: ready }) as const
const underWay = (reason: Reason, when: string) => ({ when, ready: 'False', also: 'Reconciling', reason }) as const
const stuck = (reason: Reason, when: string) => ({ when, ready: 'False', also: 'Stalled', reason }) as const

const refusedRequest = 'the Kubernetes API, a policy or a webhook refuses a request'
const bug = 'the reconciliation fails because of a bug in Tenantry'
/** A failed pass leaves the phase as it is. */
const failedPass = [
  stuck('ApiServerRefused', `${refusedRequest}; the phase stays`),
  stuck('InternalError', `${bug}; the phase stays`),
] as const
const failedPassWithoutPhase = [stuck('ApiServerRefused', refusedRequest), stuck('InternalError', bug)] as const

const tenant: readonly Situation<TenantPhase>[] = [
  {
    phase: 'Pending',
    available: 'False',
    ...underWay('NoDefaultPlan', 'a plan, a server or an MSP does not exist yet'),
  },
  { phase: 'Pending', available: 'False', ...stuck('CloudIdConflict', 'another tenant holds the Cloud ID or host') },
  { phase: 'Pending', available: 'False', ...current('AwaitingAcceptance', 'the first admin has not accepted yet') },
  {
    phase: 'Pending',
    available: 'False',
    ...stuck('MailPermanentError', 'the invite of its only admin failed permanently'),
  },
  { phase: 'Provisioning', available: 'False', ...underWay('Adopting', 'an earlier tenant is being adopted') },
  {
    phase: 'Provisioning',
    available: 'False',
    ...underWay('ApiServerUnavailable', 'the Kubernetes API does not answer'),
  },
  {
    phase: 'Provisioning',
    available: 'False',
    ...stuck('ApiServerRefused', 'the creation of a necessary object is refused'),
  },
  { phase: 'Active', available: 'True', ...stuck('ApiServerRefused', 'the change of an existing object is refused') },
  { phase: 'Active', available: 'True', ...stuck('InternalError', bug) },
  {
    phase: 'Provisioning',
    available: 'False',
    ...underWay('DatabaseUnavailable', 'the server of a new tenant does not answer'),
  },
  {
    phase: 'Active',
    available: 'False',
    ...underWay('DatabaseUnavailable', 'the server of an existing tenant does not answer'),
  },
  {
    phase: 'Provisioning',
    available: 'False',
    ...stuck('NamespaceConflict', 'a foreign object has the name of a necessary one'),
  },
  { phase: 'Active', available: 'True', ...current('Provisioned', 'everything is in place') },
  { phase: 'Active', available: 'True', ...underWay('Renaming', 'the tenant is getting another Cloud ID or host') },
  { phase: 'Active', available: 'True', ...underWay('Rotating', 'the password of the database is being changed') },
  {
    phase: 'Active',
    available: 'True',
    ...underWay('DatabaseServerNotReady', 'a different PostgreSQL server answers'),
  },
  { phase: 'Active', available: 'True', ...underWay('Retrying', 'an action is being repeated after a conflict') },
  { phase: 'Active', available: 'False', ...underWay('Updating', 'the lost Secret is being recreated') },
  { phase: 'Active', available: 'False', ...stuck('DatabaseMissing', 'the database, or the schema, is lost') },
  {
    phase: 'Active',
    available: 'True',
    ...underWay('DatabaseServerNotFound', 'its DatabaseServer or TenantPlan was deleted; the tenant keeps running'),
  },
  {
    phase: 'Active',
    available: 'True',
    ...underWay('PlanNotReady', 'its new plan is refused; the tenant keeps running'),
  },
  { phase: 'Active', available: 'True', ...stuck('PlanNotAllowed', 'a change of the spec cannot be carried out') },
  { phase: 'Active', available: 'True', ...stuck('Contested', 'another writer changes an object of Tenantry') },
  { phase: 'Active', available: 'True', ...underWay('Reviving', 'the workloads are being resumed') },
  { phase: 'Deactivated', available: 'False', ...underWay('Suspending', 'the workloads are being stopped') },
  { phase: 'Deactivated', available: 'False', ...current('Deactivated', 'spec.state is Deactivated') },
  { phase: 'Deactivated', available: 'False', ...current('ParentSuspended', 'the parent MSP is not active') },
  {
    phase: 'Archived',
    available: 'False',
    ...current('Archived', 'spec.state is Archived; the tenant can be revived'),
  },
  { phase: 'Archived', available: 'False', ...stuck('DumpFailed', 'the dump before a purge failed') },
  { phase: 'Expired', available: 'False', ...current('Expired', 'the license or the account has expired') },
  { phase: 'Purged', available: 'False', ...current('Purged', 'the retention is over and the data is removed') },
  { phase: 'Deleting', available: 'False', deleting: true, ...underWay('Deleting', 'the Tenant is being deleted') },
  {
    phase: 'Deleting',
    available: 'False',
    deleting: true,
    ...stuck('DatabaseInUse', 'a foreign object blocks the removal of its database or roles'),
  },
  {
    phase: 'Deleting',
    available: 'False',
    deleting: true,
    ...stuck('DumpFailed', 'the dump before the removal failed'),
  },
  { phase: 'Deleting', available: 'True', deleting: true, ...stuck('HasCustomers', 'an MSP still has customers') },
  {
    phase: 'Deleting',
    available: 'True',
    deleting: true,
    ...stuck('DeletionHeld', 'the deletion brake holds the deletion'),
  },
  {
    phase: 'Deleting',
    available: 'True',
    deleting: true,
    ...underWay('DeletionPostponed', 'the grace period of the deletion is not over'),
  },
  { phase: 'Deleting', available: 'True', deleting: true, ...stuck('DeletionProtected', 'the Tenant is protected') },
]

const tenantAdmin: readonly Situation<TenantAdminPhase>[] = [
  { phase: 'NotYetActive', ...underWay('TenantNotFound', 'the tenant does not exist yet') },
  { phase: 'NotYetActive', ...current('NotYetActive', 'the invite is not due') },
  { phase: 'NotYetActive', ...stuck('AdminLimitReached', 'the tenant has as many admins as its plan allows') },
  { phase: 'NotYetActive', ...underWay('InviteLimitReached', 'the plan allows no more invites today') },
  { phase: 'Pending', ...underWay('Sending', 'the invite is being sent') },
  { phase: 'Pending', ...current('AwaitingAnswer', 'the invite was sent') },
  {
    phase: 'Pending',
    ...current('TenantReplaced', 'the Tenant was replaced by another of the same name; a new acceptance is needed'),
  },
  { phase: 'NotYetActive', ...underWay('InvitePostponed', 'too many mails were sent to the address recently') },
  { phase: 'Pending', ...underWay('ResendPostponed', 'a new invite was requested soon after the last one') },
  { phase: 'EmailSendingFailed', ...underWay('MailTransientError', 'the relay deferred the mail') },
  { phase: 'EmailSendingFailed', ...stuck('MailPermanentError', 'the relay refuses the address') },
  { phase: 'EmailSendingFailed', ...stuck('MailConfigurationError', 'the relay refuses mail from the installation') },
  { phase: 'Expired', ...stuck('InviteExpired', 'the invite was not accepted in time') },
  { phase: 'Accepted', ...current('Accepted', 'the admin has accepted') },
  { phase: 'Accepted', ...stuck('RoleNotOffered', 'the plan does not offer a role in spec.permissions') },
  { phase: 'Deactivated', ...current('Deactivated', 'spec.state is Deactivated') },
  { phase: 'Archived', ...current('Archived', 'spec.state is Archived') },
  { phase: 'Deactivated', ...stuck('StateNotAllowed', 'spec.state turns off an admin who has not accepted') },
  ...failedPass,
]

const accessGrant: readonly Situation<AccessGrantPhase>[] = [
  underWay('TenantNotFound', 'the tenant does not exist yet'),
  underWay('Adopting', 'the tenant is still to adopt the earlier one that the access was given to'),
  underWay('GranteeNotFound', 'the technician does not exist yet'),
  current('AwaitingAnswer', 'the technician has not accepted the invite yet'),
  current('AwaitingAcceptance', 'the tenant is not provisioned yet'),
  underWay('Provisioning', 'the tenant or the RoleBinding is being created'),
  current('Deactivated', 'the tenant or the technician is deactivated'),
  current('Archived', 'the tenant or the technician is archived'),
  current('ParentSuspended', 'the parent MSP is not active'),
  current('Expired', 'the tenant has expired'),
  current('Purged', 'the data of the tenant was purged'),
  underWay('TenantDeleting', 'the tenant is being deleted'),
  { phase: 'Active', ...current('Granted', 'the access is in force') },
  { phase: 'Ended', ...current('Ended', 'the access has ended') },
  { phase: 'Refused', ...stuck('TenantReplaced', 'the access was given to an earlier Tenant of the same name') },
  { phase: 'Refused', ...stuck('GrantNotAllowed', 'the access is not allowed') },
  ...failedPass,
]

const tenantPlan: readonly Situation[] = [
  underWay('RollingOut', 'an edit is being rolled out'),
  current('RolledOut', 'all tenants follow the plan'),
  stuck('PlanRefused', 'the Kubernetes API refuses objects of the plan'),
  stuck('RoleNotBindable', 'the plan offers a role that must not be bound'),
  ...failedPassWithoutPhase,
  { deleting: true, ...stuck('InUse', 'the plan was deleted while tenants use it') },
]

const databaseServer: readonly Situation[] = [
  underWay('SecretNotFound', 'the admin Secret does not exist yet'),
  underWay('DatabaseUnavailable', 'the server does not answer'),
  current('Connected', 'tenants can be placed here'),
  stuck('PublicMayConnect', 'every login may connect to a foreign database'),
  stuck('AnotherServer', 'a different PostgreSQL server answers than before'),
  stuck('DuplicateServer', 'an older DatabaseServer is the same PostgreSQL server'),
  stuck('ServerUnsupported', 'PostgreSQL is older than the oldest supported version'),
  stuck('ServerPrivilegesMissing', 'the admin login lacks privileges, or has too many'),
  stuck('DatabaseRefused', 'the server refuses a query of the checks'),
  stuck('ServerLoginFailed', 'the admin login is refused'),
  stuck('TlsVerificationFailed', "the server's certificate cannot be verified"),
  { ...stuck('ApiServerRefused', 'a write of its finalizer is refused; tenants can be placed here'), ready: 'True' },
  {
    ...underWay(
      'ApiServerUnavailable',
      'a webhook does not answer a write of its finalizer; tenants can be placed here',
    ),
    ready: 'True',
  },
  ...failedPassWithoutPhase,
  { deleting: true, ...stuck('InUse', 'the DatabaseServer was deleted while tenants are placed on it') },
]

export const situations = {
  Tenant: tenant,
  TenantAdmin: tenantAdmin,
  AccessGrant: accessGrant,
  TenantPlan: tenantPlan,
  DatabaseServer: databaseServer,
} as const

/** kstatus's rules for any custom resource, once the operator has observed the latest generation. */
export function kstatusOf({ deleting, also, ready }: Pick<Situation, 'deleting' | 'also' | 'ready'>): KStatus {
  if (deleting === true) return 'Terminating'
  if (also === 'Reconciling') return 'InProgress'
  if (also === 'Stalled') return 'Failed'
  return ready === 'True' ? 'Current' : 'InProgress'
}

/** Suspended is not used: a sync with waves would wait for ever for a tenant that is archived on purpose. */
export function argoHealthOf(status: KStatus): ArgoHealth {
  const healths = {
    InProgress: 'Progressing',
    Terminating: 'Progressing',
    Failed: 'Degraded',
    Current: 'Healthy',
  } as const
  return healths[status]
}
