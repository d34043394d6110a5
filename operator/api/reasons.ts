type Meanings = Readonly<Record<string, string>>

/** Ready, and nothing is left to do. */
const settled = {
  Provisioned: 'All that was declared is in place.',
  AwaitingAcceptance: 'Nothing is made until the first admin accepts the invite.',
  Deactivated: 'spec.state is Deactivated: logins and workloads are off, everything is kept.',
  Archived: 'spec.state is Archived: a tenant can be revived until status.purgeAfter.',
  PurgeHeld: 'The time to revive is over, but the definition of Tenants or their namespace is going: the data is kept.',
  PurgeProtected: 'The time to revive is over, but spec.deletion (protected, or policy Retain) keeps the data.',
  ParentSuspended: 'The MSP tenant above is not active, so this tenant is not either.',
  Expired: 'The tenant is past its expiry: its license or spec.expiresAt has to be renewed.',
  Purged: 'The time to revive is over and the data is gone.',
  Accepted: 'The admin has accepted the invite.',
  Delivered: 'The mail relay has taken the invite.',
  ResendRefused: 'A resend was asked for, but the invite is accepted already.',
  NotYetActive: 'The invite is not due: its start lies ahead, or its tenant or parent is not active.',
  TenantReplaced:
    'What was accepted or granted was for an earlier Tenant of the same name, and has to be given anew for this one.',
  AwaitingAnswer: 'The invite is out and the admin has not answered yet.',
  Granted: 'The access is in force.',
  Ended: 'The access has ended.',
  RolledOut: 'All tenants of the plan follow it.',
  Connected: 'The server answers, and it lets nobody in who should be out.',
  ConnectionsReserved:
    'The server keeps connections for the operator, and has as many as its tenants may have together.',
  ConnectionsWithinLimits:
    'The server has as many connections as its tenants may have together; it is too old to keep some for the operator.',
  ApplicationLoginWorks: 'A tenant logs in at the address that applications use.',
  Valid: 'The license is signed, is for this tenant, and has not expired.',
  NoLicense: 'The tenant has no license; spec.expiresAt, if any, ends it.',
  DumpRehearsed: 'A rehearsal of the last dump was taken, restored and compared; a last dump would succeed.',
} as const satisfies Meanings

/** Under way: it goes on by itself. */
const underWay = {
  Provisioning: 'Namespace, database or their contents are being made.',
  Updating: 'The Secret with the credentials was lost and is being made again.',
  Adopting: 'An earlier tenant is being taken over.',
  Renaming: 'A new Cloud ID or subdomain is being carried to everything that bears the old one.',
  Suspending: 'Logins and workloads are being turned off.',
  Reviving: 'Logins and workloads are being turned on again.',
  Purging: 'The data is being removed for good.',
  Deleting: 'The object is being deleted, and with it what was made for it.',
  TenantDeleting: 'The tenant that access is given to is being deleted.',
  DeletionPostponed:
    'The Tenant is deleted, and nothing of it is removed before the time that the message names; it can be had back until then.',
  Sending: 'The invite is being sent.',
  ResendPostponed: 'A new invite was asked for too soon after the last one; it goes out a little later.',
  InvitePostponed: 'So many mails went to one address, or in the name of one tenant, lately that this invite waits.',
  InviteLimitReached: 'As many invites went out today as the plan allows; the others go out on the next day.',
  Rotating: "The password of the tenant's database is being changed.",
  RollingOut: 'The tenants of the plan are being brought to its latest edit.',
} as const satisfies Meanings

/** Under way, and waits for something that may come by itself. */
const waiting = {
  TenantNotFound: 'The tenant that is referred to is not there (yet).',
  GranteeNotFound: 'spec.username is no TenantAdmin of the MSP tenant above (yet).',
  ParentDeleted: 'The MSP tenant above is being deleted: nothing is made for this tenant.',
  PlanNotFound: 'The plan that is referred to is not there (yet).',
  NoDefaultPlan: 'spec.plan is not given and no TenantPlan is marked default.',
  PlanNotReady:
    'The Kubernetes API refuses what the plan gives, so that nothing is done by it; its own conditions say what.',
  DatabaseServerNotFound: 'The database server that is referred to is not there (yet).',
  NoDatabaseServer: 'No database server fits, or none has room.',
  DatabaseServerNotReady: 'The database server is not ready; its own conditions say why.',
  DatabaseUnavailable: 'The database server does not answer, is out of connections or is read-only.',
  DatabaseLoginFailed: "The credentials of the tenant's Secret do not log in.",
  SecretNotFound: 'A Secret or ConfigMap that is referred to is not there (yet), or lacks a key.',
  NamespaceTerminating: 'The namespace is being deleted; the message names what holds it.',
  QuotaExceeded: 'A ResourceQuota stands in the way of an object that has to be made.',
  ApiServerUnavailable: 'A write that is needed failed: the Kubernetes API, or an admission webhook, does not answer.',
  MailTransientError: 'The relay has put the mail off; it is tried again.',
  RelayUnavailable: 'The relay is down for everyone; invites wait until it answers.',
} as const satisfies Meanings

/** A person has to do something. */
const needsPerson = {
  CloudIdConflict: 'The Cloud ID belongs to another tenant.',
  HostConflict: 'The host name belongs to another tenant.',
  NamespaceConflict: 'The namespace is there and is not ours.',
  DatabaseMissing: 'The database, or schema, was there and is gone; no empty one is created in its place.',
  ApiServerRefused:
    'The Kubernetes API refuses a write that is needed: a rule, an admission policy or webhook, a missing right; the message has its words.',
  InternalError:
    "A bug of Tenantry keeps something from being done; the message names the error, and the operator's log has more.",
  DatabaseRefused: 'The database server refuses for good what is needed; the message has its SQLSTATE and its words.',
  LocaleRefused: 'The database server makes no database in UTF8 with the locale of spec.locale, or with its own.',
  DatabaseConflict: 'The database, or a role for it, is there and is not ours.',
  DatabaseInUse:
    'Something of others uses the database, or a role, that has to go; the message names it and the statement that ends it.',
  ObjectConflict: 'An object in the namespace is there and is not ours.',
  Contested:
    'Somebody else, or an admission plugin, does not leave as it is what Tenantry writes; the message says what.',
  SubdomainReserved: 'The subdomain is a reserved word.',
  SubdomainMissing: 'The Cloud ID does not fit as a subdomain, and spec.subdomain is not given.',
  Misplaced: 'A Tenant may not lie in this namespace: it is neither a home namespace nor that of an MSP tenant.',
  PlanNotAllowed: 'spec.customers of the MSP tenant above does not allow this plan.',
  DatabaseServerNotAllowed: 'spec.customers of the MSP tenant above does not allow this database server.',
  CustomerLimitReached: 'The MSP tenant above has as many customers as it may.',
  ExpiryNotAllowed: 'The expiry is later than the MSP tenant above allows.',
  ConnectionLimitNotAllowed: 'A customer of an MSP asks for more connections than its plan gives.',
  DatabaseSizeNotAllowed:
    'A customer of an MSP asks for a larger database, or for less to be done when it is too large, than its plan gives.',
  ParameterNotAllowed: 'A customer of an MSP asks for a limit of spec.database.parameters beyond that of its plan.',
  ParameterRefused: 'The database server does not take the value of a parameter in spec.database.parameters.',
  IsolationNotOffered: 'No database server that may be used offers this kind of isolation.',
  DatabaseServerFixed: 'The database server was changed after the tenant was placed; its data stays where it is.',
  IsolationFixed: 'The isolation was changed after the tenant was placed; its data stays as it is kept.',
  LicenseInvalid: 'The license is not signed by a key that we trust, or is damaged.',
  LicenseForeign: 'The license is for another Cloud ID.',
  LicenseExpired: 'The license has expired.',
  LicenseExceeded: 'The MSP tenant has more customers than its license is for; those are kept, no further one is made.',
  DeletionProtected: 'The Tenant is being deleted although spec.deletion.protected is true; nothing is removed.',
  DeletionHeld: 'More Tenants were deleted in a short time than settings.deletionBrake allows; nothing is removed.',
  HasCustomers: 'The MSP tenant still has customers; the message lists them.',
  TenantGone: 'Data of tenants is on the server whose Tenants are gone, and nobody decided to keep it.',
  InUse: 'The object is being deleted, and tenants use it; the message lists them. It goes when none does any more.',
  DumpFailed:
    'The last dump before a purge or a deletion, or its rehearsal, failed or could not be restored; the data is kept.',
  AdoptionRefused: 'The tenant that is to be adopted is not there, is in use, or is marked otherwise.',
  MultipleDefaultPlans: 'More than one TenantPlan is marked default.',
  PlanRefused: 'The Kubernetes API refuses what the plan gives to tenants; the message names the field of the plan.',
  RoleNotBindable: 'The plan offers a ClusterRole that the chart does not list in settings.bindableRoles.',
  QuotaIncomplete:
    'The plan leaves something without a bound that its tenants can take from others; the message lists it.',
  DefaultsMissing:
    'spec.quota of the plan counts what containers need not state, and spec.limits has no default for it: pods that do not state it are refused.',
  RoleNotOffered: 'spec.permissions names a role that the plan does not offer.',
  AdminLimitReached:
    'The tenant has as many admins as its plan allows; those that were declared later are not invited.',
  UsernameTaken: 'Another admin of this tenant holds the username.',
  TechnicianNotAllowed: 'Only an MSP tenant has technicians.',
  PasswordSecretInvalid:
    "The Secret with the first password is not of Tenantry's type, or has no password that can be used.",
  AddressChanged: 'spec.email is not the address that accepted the invite; the accepted one counts.',
  InviteExpired: 'The invite was not accepted in time; resend it.',
  MailPermanentError: 'The relay refused the address; correct spec.email.',
  MailConfigurationError: 'The relay refuses us; it or the mail settings of the installation need a person.',
  StateNotAllowed: 'spec.state asks for what the status does not allow; the message says what it allows.',
  GrantNotAllowed: 'The access may not be granted; the message says why.',
  PublicMayConnect: "PUBLIC may connect to a database that is no tenant's; the message has the SQL that mends it.",
  ServerUnsupported: 'The version of the database server is not supported.',
  ServerLoginFailed: 'The database server refuses the admin login, or its Secret has nothing that could be one.',
  ServerPrivilegesMissing: 'The admin login lacks CREATEDB or CREATEROLE.',
  DatabaseNearlyFull: 'The data of the tenant takes more than 80 % of the size that it may have.',
  DatabaseOverSize: 'The data of the tenant takes more than the size that it may have.',
  DatabaseReadOnly:
    'The data of the tenant takes more than the size that it may have, and its sessions begin read-only for that.',
  ApplicationLoginFails:
    'No tenant logs in at the address that applications use, though at the server itself one does.',
  ConnectionsOvercommitted: 'The connection limits of the tenants on the server add up to more than it has for them.',
  ConnectionsNotReserved: 'The server keeps no connections, or too few, for the operator when the others are used up.',
  AnotherServer: 'Another PostgreSQL server answers than before; nothing is done there until a person accepts it.',
  DuplicateServer: 'An older DatabaseServer is the same PostgreSQL server; no tenant is placed here.',
  TlsVerificationFailed:
    "The database server's certificate does not verify, or it has no TLS although spec.tls asks for it.",
} as const satisfies Meanings

/**
 * Every reason that a condition of ours can carry, and what it means. Machines and alerts match on these words: one is
 * never given a second meaning, and never renamed within an API version.
 */
export const reasons = { ...settled, ...underWay, ...waiting, ...needsPerson } as const

/** With which an object may stay for long while Reconciling or Stalled. */
export const restingReasons = Object.keys({ ...underWay, ...waiting, ...needsPerson })

export type Reason = keyof typeof reasons
