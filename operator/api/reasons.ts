/**
 * The reasons of conditions, with their meanings only. Most are decided here:
 * - Tenant: tenant/validation (what is wrong with it), tenant/lifecycle (what it waits for, what keeps it off or undeleted),
 *   license/judge-license.ts, tenant/removal; what is under way: tenant/decide, tenant/names, tenant/status;
 * - a failed action or check: failures.ts, by the row of the failure;
 * - TenantAdmin: tenantadmin/admin-problems.ts, tenantadmin/invite/invite-outlook.ts, domain/invite-waits.ts;
 * - AccessGrant: accessgrant/terms; TenantPlan: tenantplan; DatabaseServer: databaseserver.
 *
 * Source of docs/reference/status.md.
 */
type Meanings = Readonly<Record<string, string>>

/** Ready, and nothing is left to do. */
const settled = {
  Provisioned: 'Everything declared is in place.',
  AwaitingAcceptance: 'Tenantry creates nothing until the first admin accepts the invite.',
  Deactivated:
    'spec.state is Deactivated. The logins and workloads of a tenant are off, and everything is kept; an admin has no access. On an AccessGrant: its tenant or its technician is Deactivated.',
  Archived:
    'spec.state is Archived. A tenant can be revived until status.purgeAfter; an admin has no access. On an AccessGrant: its tenant or its technician is Archived.',
  PurgeHeld:
    'The retention of the archived tenant is over, but the CRD of Tenants or the namespace of the Tenant is being deleted. The data is kept.',
  PurgeProtected:
    'The retention of the archived tenant is over, but spec.deletion (protected, or policy Retain) keeps the data.',
  ParentSuspended:
    'The parent MSP of the tenant is not active, so the tenant is not active either. Its invites and the access of AccessGrants wait.',
  Expired: 'The tenant has expired. Renew its license, or set a later spec.expiresAt.',
  Purged: 'The retention of the archived tenant is over and its data is removed.',
  Accepted: 'The admin has accepted the invite.',
  Delivered: 'The mail relay accepted the invite.',
  ResendRefused: 'A resend was requested, but the invite is already accepted.',
  NotYetActive:
    'The invite is not due yet: spec.notBefore is in the future, or the tenant or its parent is not active.',
  TenantReplaced:
    'The acceptance or grant was for an earlier Tenant of the same name. A new one is needed for this Tenant.',
  AwaitingAnswer:
    'No invite was accepted yet: that of the TenantAdmin, that of the technician of an AccessGrant, or any invite of a Tenant, which may have no admin yet.',
  Granted: 'The access is in force.',
  Ended: 'The access has ended.',
  RolledOut: 'All tenants of the plan follow its latest edit.',
  Connected: 'The server answers, and no login can connect to a database that it should not reach.',
  ConnectionsReserved:
    'The server reserves connections for the operator, and has enough for the limits of all its tenants together.',
  ConnectionsWithinLimits:
    'The server has enough connections for the limits of all its tenants together. It is too old to reserve connections for the operator.',
  ApplicationLoginWorks: 'Tenants can log in at the address that applications use.',
  Valid: 'The license is signed by a trusted key, is for this tenant, and has not expired.',
  NoLicense: 'The tenant has no license. It expires at spec.expiresAt, if set.',
  DumpRehearsed: 'A rehearsal dump was taken, restored and compared. A last dump would succeed.',
} as const satisfies Meanings

/** In progress: no action is needed. */
const underWay = {
  Provisioning:
    'The namespace, the database or their contents are being created. On an AccessGrant: the access is being set up.',
  Retrying:
    'An action is being repeated, because an object changed in the meantime or the action did not finish in time.',
  Updating: 'The Secret with the credentials was lost and is being recreated.',
  Adopting: 'An earlier tenant is being adopted.',
  Renaming: 'The tenant is being changed to a new Cloud ID or subdomain.',
  Suspending: 'Logins and workloads are being turned off.',
  Reviving: 'Logins and workloads are being turned on again.',
  Purging: 'The data is being removed permanently.',
  Deleting: 'The object is being deleted, with everything that Tenantry created for it.',
  TenantDeleting: 'The tenant of the AccessGrant is being deleted.',
  DeletionPostponed:
    'The Tenant is deleted, but its grace period is not over. Nothing is removed before the time in the message, and the deletion can be undone until then.',
  Sending: 'The invite is being sent.',
  ResendPostponed: 'A new invite was requested too soon after the last one. It is sent a little later.',
  InvitePostponed:
    'Too many mails were sent recently to one address or in the name of one tenant, so this invite waits.',
  InviteLimitReached: 'The plan allows no more invites today. The others are sent on the next day.',
  Rotating: "The password of the tenant's database is being changed.",
  RollingOut: 'The latest edit of the plan is being rolled out to its tenants.',
} as const satisfies Meanings

/** In progress, and waiting for something that may come without a person's action. */
const waiting = {
  TenantNotFound: 'The Tenant in the spec does not exist (yet).',
  GranteeNotFound: 'spec.username is not a TenantAdmin of the parent MSP (yet).',
  ParentDeleted: 'The parent MSP is being deleted. Tenantry creates nothing for this tenant.',
  PlanNotFound: 'The TenantPlan in the spec does not exist (yet).',
  NoDefaultPlan: 'spec.plan is not set, and no TenantPlan is the default.',
  PlanNotReady:
    'The Kubernetes API refuses objects of the plan, so tenants do not follow it. The conditions of the plan name the objects.',
  DatabaseServerNotFound: 'The DatabaseServer in the spec does not exist (yet).',
  NoDatabaseServer: 'No DatabaseServer matches, or none has capacity left.',
  DatabaseServerNotReady: 'The DatabaseServer is not ready. Its conditions name the cause.',
  DatabaseUnavailable: 'The database server does not answer, has no free connections or is read-only.',
  DatabaseLoginFailed: "The login with the credentials of the tenant's Secret fails.",
  SecretNotFound: 'A Secret or ConfigMap in the spec does not exist (yet), or lacks a key.',
  NamespaceTerminating: 'The namespace is being deleted. The message names what blocks its deletion.',
  QuotaExceeded: 'A ResourceQuota prevents the creation of an object.',
  ApiServerUnavailable: 'A necessary write failed, because the Kubernetes API or an admission webhook does not answer.',
  MailTransientError: 'The relay deferred the mail. Tenantry retries automatically.',
  RelayUnavailable: 'The relay does not answer. All invites wait until it does.',
} as const satisfies Meanings

/** A person has to act. */
const needsPerson = {
  CloudIdConflict: 'The Cloud ID belongs to another tenant.',
  HostConflict: 'The host name belongs to another tenant.',
  NamespaceConflict: 'The namespace exists and does not belong to this tenant.',
  DatabaseMissing:
    'The database or schema is missing although it existed before. Tenantry does not create an empty one in its place.',
  ApiServerRefused:
    'The Kubernetes API refuses a necessary write because of a validation rule, an admission policy or webhook, or a missing permission. The message quotes it.',
  InternalError:
    "An action failed because of a bug in Tenantry. The message names the error, and the operator's log has the details.",
  DatabaseRefused:
    'The database server permanently refuses a necessary statement. The message has the SQLSTATE and the error of the server.',
  LocaleRefused:
    'The database server cannot create a UTF8 database with the locale in spec.locale, or with its default locale.',
  DatabaseConflict: 'The database, or a role for it, exists and does not belong to this tenant.',
  DatabaseInUse:
    'A foreign object uses the database, or a role, that must be dropped. The message names the object and the statement that removes it.',
  ObjectConflict: 'An object in the namespace exists and does not belong to Tenantry.',
  Contested:
    'Another writer or an admission plugin changes what Tenantry writes. The message names the object and the field.',
  SubdomainReserved: 'The subdomain is reserved (settings.reservedSubdomains).',
  SubdomainMissing: 'spec.subdomain is not set, and the Cloud ID is not a valid subdomain.',
  Misplaced:
    'The Tenant is not allowed in this namespace, which is neither a home namespace nor that of an existing MSP; or an MSP is in the namespace of another MSP.',
  PlanNotAllowed: 'spec.customers of the parent MSP does not allow this plan.',
  DatabaseServerNotAllowed: 'spec.customers of the parent MSP does not allow this database server.',
  CustomerLimitReached: 'The parent MSP has reached its maximum number of customers.',
  ExpiryNotAllowed: 'The expiry is later than the parent MSP allows.',
  ConnectionLimitNotAllowed: 'A customer of an MSP sets more connections than its plan allows.',
  DatabaseSizeNotAllowed:
    'A customer of an MSP sets a larger database than its plan allows, or a milder spec.database.overSize.',
  ParameterNotAllowed: 'A customer of an MSP sets a limit in spec.database.parameters beyond the limit of its plan.',
  ParameterRefused: 'The database server refuses the value of a parameter in spec.database.parameters.',
  IsolationNotOffered: 'No allowed database server offers this kind of isolation.',
  DatabaseServerFixed: 'spec.database.server was changed after the tenant was placed. The data stays on its server.',
  IsolationFixed: 'spec.database.isolation was changed after the tenant was placed. The data stays as it is.',
  LicenseInvalid: 'The license is not signed by a trusted key, or is damaged.',
  LicenseForeign: 'The license is for another Cloud ID.',
  LicenseExpired: 'The license has expired.',
  LicenseExceeded:
    'The MSP has more customers than its license allows. Its existing customers are kept; no new one is provisioned.',
  DeletionProtected: 'The Tenant was deleted although spec.deletion.protected is true. Nothing is removed.',
  DeletionHeld:
    'More Tenants were deleted in a short time than settings.deletionBrake allows. Nothing of this one is removed.',
  HasCustomers: 'The MSP still has customers. The message lists them.',
  TenantGone: 'The server has data of Tenants that disappeared without a deletion by the operator.',
  InUse:
    'The object was deleted while tenants use it. The message lists them. The object is removed when no tenant uses it.',
  DumpFailed:
    'The last dump before a purge or a deletion, or its rehearsal, failed or could not be restored. The data is kept.',
  AdoptionRefused: 'The tenant to adopt does not exist, is in use, or has another mark.',
  MultipleDefaultPlans: 'More than one TenantPlan is the default.',
  PlanRefused:
    'The Kubernetes API refuses objects that the plan defines for tenants. The message names the field of the plan.',
  RoleNotBindable:
    'The plan offers a ClusterRole that is neither a tenant role of the chart nor in settings.bindableRoles.',
  QuotaIncomplete:
    'The plan does not limit a shared resource, so one tenant can exhaust it for the others. The message lists the resource.',
  DefaultsMissing:
    'spec.quota of the plan limits a resource that containers can omit, and spec.limits has no default for it. Pods that omit it are refused.',
  RoleNotOffered: 'spec.permissions names a role that the plan does not offer.',
  AdminLimitReached:
    'The tenant has reached the maximum number of admins of its plan. Admins that were declared later are not invited.',
  UsernameTaken: 'Another admin of this tenant has the same username.',
  TechnicianNotAllowed: 'Only an MSP can have technicians.',
  PasswordSecretInvalid:
    'The Secret with the initial password is not of the type tenantry.dev/admin-password, or has no usable password.',
  AddressChanged: 'spec.email differs from the address that accepted the invite. The accepted address applies.',
  InviteExpired: 'The invite was not accepted in time. Resend it.',
  MailPermanentError: 'The relay refused the address. Correct spec.email.',
  MailConfigurationError:
    'The relay refuses mail from this installation. Correct the relay, or the mail settings of the installation.',
  StateNotAllowed: 'spec.state is a state that the status does not allow. The message names the allowed ones.',
  GrantNotAllowed: 'The access is not allowed. The message gives the cause.',
  PublicMayConnect:
    'PUBLIC may connect to a database that belongs to no tenant. The message has the SQL that corrects it.',
  ServerUnsupported: 'The version of the database server is not supported.',
  ServerLoginFailed: 'The database server refuses the admin login, or its Secret has no usable credentials.',
  ServerPrivilegesMissing:
    'The admin login lacks an attribute or a right, or has an attribute that it must not have, such as SUPERUSER. The message names it.',
  DatabaseNearlyFull: 'The data of the tenant takes more than 80 % of its size limit.',
  DatabaseOverSize: 'The data of the tenant exceeds its size limit.',
  DatabaseReadOnly: 'The data of the tenant exceeds its size limit, so new sessions are read-only.',
  ApplicationLoginFails:
    'No tenant can log in at the address that applications use, although the login at the server itself works.',
  ConnectionsOvercommitted:
    'The connection limits of the tenants on the server add up to more connections than the server has for them.',
  ConnectionsNotReserved: 'The server reserves no connections, or too few, for the operator.',
  AnotherServer:
    'A different PostgreSQL server answers than before. Tenantry does nothing there until an administrator accepts it.',
  DuplicateServer: 'An older DatabaseServer refers to the same PostgreSQL server. No tenant is placed on this one.',
  TlsVerificationFailed:
    'The certificate of the database server cannot be verified, or the server has no TLS although spec.tls requires it.',
} as const satisfies Meanings

/**
 * Every reason that a condition of Tenantry's can carry, and its meaning. Machines and alerts match on these words: one
 * is never given a second meaning, and never renamed within an API version.
 */
export const reasons = { ...settled, ...underWay, ...waiting, ...needsPerson } as const

/** Reasons with which an object may stay Reconciling or Stalled for long. */
export const restingReasons = Object.keys({ ...underWay, ...waiting, ...needsPerson })

export type Reason = keyof typeof reasons
