type Meanings = Readonly<Record<string, string>>

/** Ready, and nothing is left to do. */
const settled = {
  Provisioned: 'Everything that was declared is in place.',
  AwaitingAcceptance: 'Nothing is made until the first admin accepts the invite.',
  Deactivated: 'spec.state is Deactivated: logins and workloads are off, everything is kept.',
  Archived: 'spec.state is Archived: a tenant can be revived until status.purgeAfter.',
  PurgeHeld: 'The time to revive is over, but the definition of Tenants or their namespace is going: the data is kept.',
  PurgeProtected: 'The time to revive is over, but spec.deletion (protected, or policy Retain) keeps the data.',
  ParentSuspended: 'The MSP tenant above is not active, so neither is this tenant.',
  Expired: 'The tenant is past its expiry: its license or spec.expiresAt has to be renewed.',
  Purged: 'The time to revive is over and the data is gone.',
  Accepted: 'The admin has accepted the invite.',
  Delivered: 'The mail relay has taken the invite.',
  ResendRefused: 'A resend was asked for, but the invite is accepted already.',
  NotYetActive: 'The invite is not due: its start date has not come, or its tenant or parent is not active.',
  TenantReplaced:
    'The acceptance or grant was for an earlier Tenant of the same name, and has to be given anew for this one.',
  AwaitingAnswer: 'The invite is out and the admin has not answered yet.',
  Granted: 'The access is in force.',
  Ended: 'The access has ended.',
  RolledOut: 'All tenants of the plan follow it.',
  Connected: 'The server answers, and lets no login into a database that it should not reach.',
  ConnectionsReserved:
    'The server reserves connections for the operator, and has enough for the limits of all its tenants together.',
  ConnectionsWithinLimits:
    'The server has enough connections for the limits of all its tenants together; it is too old to reserve some for the operator.',
  ApplicationLoginWorks: 'A tenant can log in at the address that applications use.',
  Valid: 'The license is signed, is for this tenant, and has not expired.',
  NoLicense: 'The tenant has no license; spec.expiresAt, if any, ends it.',
  DumpRehearsed: 'A rehearsal of the last dump was taken, restored and compared; a last dump would succeed.',
} as const satisfies Meanings

/** In progress: no action is needed. */
const underWay = {
  Provisioning: 'Namespace, database or their contents are being made.',
  Updating: 'The Secret with the credentials was lost and is being made again.',
  Adopting: 'An earlier tenant is being taken over.',
  Renaming: 'Everything with the old Cloud ID or subdomain is being given the new one.',
  Suspending: 'Logins and workloads are being turned off.',
  Reviving: 'Logins and workloads are being turned on again.',
  Purging: 'The data is being removed for good.',
  Deleting: 'The object is being deleted, with everything that was made for it.',
  TenantDeleting: 'The tenant that access is given to is being deleted.',
  DeletionPostponed:
    'The Tenant is deleted, and nothing of it is removed before the time in the message; until then the deletion can be undone.',
  Sending: 'The invite is being sent.',
  ResendPostponed: 'A new invite was asked for too soon after the last one; it goes out a little later.',
  InvitePostponed: 'Too many mails went out lately, to one address or in the name of one tenant, so this invite waits.',
  InviteLimitReached: 'The plan allows no more invites today; the others go out on the next day.',
  Rotating: "The password of the tenant's database is being changed.",
  RollingOut: 'The tenants of the plan are being brought to its latest edit.',
} as const satisfies Meanings

/** In progress, and waiting for something that may come without a person's action. */
const waiting = {
  TenantNotFound: 'The tenant that is referred to does not exist (yet).',
  GranteeNotFound: 'spec.username is not a TenantAdmin of the MSP tenant above (yet).',
  ParentDeleted: 'The MSP tenant above is being deleted: nothing is made for this tenant.',
  PlanNotFound: 'The plan that is referred to does not exist (yet).',
  NoDefaultPlan: 'spec.plan is not given and no TenantPlan is marked default.',
  PlanNotReady: 'The Kubernetes API refuses objects of the plan, so it is not followed; its own conditions say which.',
  DatabaseServerNotFound: 'The database server that is referred to does not exist (yet).',
  NoDatabaseServer: 'No database server fits, or none has capacity left.',
  DatabaseServerNotReady: 'The database server is not ready; its own conditions tell the cause.',
  DatabaseUnavailable: 'The database server does not answer, has no free connections or is read-only.',
  DatabaseLoginFailed: "The credentials of the tenant's Secret do not log in.",
  SecretNotFound: 'A Secret or ConfigMap that is referred to does not exist (yet), or lacks a key.',
  NamespaceTerminating: 'The namespace is being deleted; the message names what holds it.',
  QuotaExceeded: 'A ResourceQuota prevents an object from being made.',
  ApiServerUnavailable: 'A necessary write failed: the Kubernetes API, or an admission webhook, does not answer.',
  MailTransientError: 'The relay has put the mail off; Tenantry retries automatically.',
  RelayUnavailable: 'The relay is down for everyone; invites wait until it answers.',
} as const satisfies Meanings

/** A person has to act. */
const needsPerson = {
  CloudIdConflict: 'The Cloud ID belongs to another tenant.',
  HostConflict: 'The host name belongs to another tenant.',
  NamespaceConflict: 'The namespace exists and does not belong to this tenant.',
  DatabaseMissing: 'The database, or schema, existed and is gone; Tenantry creates no empty one in its place.',
  ApiServerRefused:
    'The Kubernetes API refuses a necessary write: a rule, an admission policy or webhook, a missing right; the message has its words.',
  InternalError:
    "A bug of Tenantry keeps something from being done; the message names the error, and the operator's log has more.",
  DatabaseRefused:
    'The database server permanently refuses a necessary statement; the message has its SQLSTATE and its words.',
  LocaleRefused:
    'The database server cannot create a database in UTF8 with the locale of spec.locale, or with its own.',
  DatabaseConflict: 'The database, or a role for it, exists and does not belong to this tenant.',
  DatabaseInUse:
    'A foreign object uses the database, or a role, that has to go; the message names it and the statement that removes it.',
  ObjectConflict: 'An object in the namespace exists and does not belong to Tenantry.',
  Contested: 'Another writer, or an admission plugin, changes what Tenantry writes; the message says what.',
  SubdomainReserved: 'The subdomain is a reserved word.',
  SubdomainMissing: 'The Cloud ID does not fit as a subdomain, and spec.subdomain is not given.',
  Misplaced: 'A Tenant may not lie in this namespace: it is neither a home namespace nor that of an MSP tenant.',
  PlanNotAllowed: 'spec.customers of the MSP tenant above does not allow this plan.',
  DatabaseServerNotAllowed: 'spec.customers of the MSP tenant above does not allow this database server.',
  CustomerLimitReached: 'The MSP tenant above has as many customers as it may have.',
  ExpiryNotAllowed: 'The expiry is later than the MSP tenant above allows.',
  ConnectionLimitNotAllowed: 'A customer of an MSP asks for more connections than its plan gives.',
  DatabaseSizeNotAllowed:
    'A customer of an MSP asks for a larger database than its plan gives, or for a milder spec.database.overSize.',
  ParameterNotAllowed: 'A customer of an MSP asks for a limit of spec.database.parameters beyond that of its plan.',
  ParameterRefused: 'The database server refuses the value of a parameter in spec.database.parameters.',
  IsolationNotOffered: 'No database server that may be used offers this kind of isolation.',
  DatabaseServerFixed: 'The database server was changed after the tenant was placed; its data stays where it is.',
  IsolationFixed: 'The isolation was changed after the tenant was placed; its data stays as it is kept.',
  LicenseInvalid: 'The license is not signed by a trusted key, or is damaged.',
  LicenseForeign: 'The license is for another Cloud ID.',
  LicenseExpired: 'The license has expired.',
  LicenseExceeded: 'The MSP tenant has more customers than its license is for; those are kept, no further one is made.',
  DeletionProtected: 'The Tenant is being deleted although spec.deletion.protected is true; nothing is removed.',
  DeletionHeld: 'More Tenants were deleted in a short time than settings.deletionBrake allows; nothing is removed.',
  HasCustomers: 'The MSP tenant still has customers; the message lists them.',
  TenantGone: 'The server has data of tenants whose Tenants are gone without a decision to keep it.',
  InUse: 'The object is being deleted, and tenants use it; the message lists them. It goes when no tenant uses it.',
  DumpFailed:
    'The last dump before a purge or a deletion, or its rehearsal, failed or could not be restored; the data is kept.',
  AdoptionRefused: 'The tenant that is to be adopted does not exist, is in use, or has another mark.',
  MultipleDefaultPlans: 'More than one TenantPlan is marked default.',
  PlanRefused:
    'The Kubernetes API refuses objects that the plan gives to tenants; the message names the field of the plan.',
  RoleNotBindable: 'The plan offers a ClusterRole that the chart does not list in settings.bindableRoles.',
  QuotaIncomplete:
    'The plan leaves a shared resource without a limit, so one tenant can take it from others; the message lists it.',
  DefaultsMissing:
    'spec.quota of the plan counts a resource that containers may omit, and spec.limits has no default for it: pods that omit it are refused.',
  RoleNotOffered: 'spec.permissions names a role that the plan does not offer.',
  AdminLimitReached:
    'The tenant has as many admins as its plan allows; admins that were declared later are not invited.',
  UsernameTaken: 'Another admin of this tenant holds the username.',
  TechnicianNotAllowed: 'Only an MSP tenant has technicians.',
  PasswordSecretInvalid:
    "The Secret with the first password is not of Tenantry's type, or has no password that can be used.",
  AddressChanged: 'spec.email is not the address that accepted the invite; the accepted one counts.',
  InviteExpired: 'The invite was not accepted in time; resend it.',
  MailPermanentError: 'The relay refused the address; correct spec.email.',
  MailConfigurationError:
    'The relay refuses this installation; a person has to correct the relay or the mail settings of the installation.',
  StateNotAllowed: 'spec.state asks for a state that the status does not allow; the message says what it allows.',
  GrantNotAllowed: 'The access may not be granted; the message gives the cause.',
  PublicMayConnect: "PUBLIC may connect to a database that is no tenant's; the message has the SQL that corrects it.",
  ServerUnsupported: 'The version of the database server is not supported.',
  ServerLoginFailed: 'The database server refuses the admin login, or its Secret has no usable credentials.',
  ServerPrivilegesMissing: 'The admin login lacks CREATEDB or CREATEROLE.',
  DatabaseNearlyFull: 'The data of the tenant takes more than 80 % of its size limit.',
  DatabaseOverSize: 'The data of the tenant exceeds its size limit.',
  DatabaseReadOnly: 'The data of the tenant exceeds its size limit, so its sessions begin read-only.',
  ApplicationLoginFails:
    'No tenant can log in at the address that applications use, though one can at the server itself.',
  ConnectionsOvercommitted:
    'The connection limits of the tenants on the server add up to more connections than it has for them.',
  ConnectionsNotReserved:
    'The server reserves no connections, or too few, for the operator when the others are used up.',
  AnotherServer:
    'Another PostgreSQL server answers than before; nothing is done there until an administrator accepts it.',
  DuplicateServer: 'An older DatabaseServer is the same PostgreSQL server; no tenant is placed here.',
  TlsVerificationFailed:
    "The database server's certificate cannot be verified, or it has no TLS although spec.tls asks for it.",
} as const satisfies Meanings

/**
 * Every reason that a condition of Tenantry's can carry, and its meaning. Machines and alerts match on these words: one
 * is never given a second meaning, and never renamed within an API version.
 */
export const reasons = { ...settled, ...underWay, ...waiting, ...needsPerson } as const

/** Reasons with which an object may stay Reconciling or Stalled for long. */
export const restingReasons = Object.keys({ ...underWay, ...waiting, ...needsPerson })

export type Reason = keyof typeof reasons
