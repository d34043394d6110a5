/** The log lines about a Tenant. Pure. */
import { info, warn } from './log-line.ts'

export const tenantLines = {
  NameClaimed: info('name claimed', ['claim'], 'The tenant claimed a Cloud ID or a host name.'),
  PlacementRecorded: info('placement recorded', ['claim', 'server'], 'The DatabaseServer of the tenant was recorded.'),
  NameRetired: info('name retired', ['claim', 'until'], 'A former name became an alias until `until`.'),
  NameReleased: info('name released', ['claim'], 'A name is free for other tenants.'),
  NameGivenUp: info(
    'name given up',
    ['claim', 'from'],
    'As this Tenant requested, a name of an earlier, deleted Tenant of the same name was released. `from`: the uid of the earlier Tenant.',
  ),
  ClaimRetained: info('claim retained', ['claim'], 'A name claim records that the data of its tenant was retained.'),
  DataAdopted: info(
    'data adopted',
    ['claim', 'from'],
    'This tenant adopted the data of an earlier one. `from`: the uid of the earlier tenant.',
  ),
  ClaimAdopted: info(
    'claim adopted',
    ['claim', 'from'],
    'This tenant adopted a name of an earlier one. `from`: the uid of the earlier tenant.',
  ),
  NameBound: info(
    'name bound to an exchange',
    ['claim', 'leader'],
    'A name waits for a name swap that `leader` coordinates.',
  ),
  NameUnbound: info('name unbound from an exchange', ['claim', 'leader'], 'A name no longer waits for a name swap.'),
  SwapDecided: info(
    'exchange of names decided',
    ['leader'],
    'All names of a name swap are bound, and the swap is carried out.',
  ),
  NameHandedOver: info('name handed over', ['claim', 'leader'], 'A name was handed to its new holder.'),
  TenantReleased: info('tenant released', [], 'The finalizer was removed, so that Kubernetes deletes the Tenant.'),
  NamespaceCreated: info('namespace created', ['namespace'], "The tenant's namespace was created."),
  NamespaceChanged: info('namespace changed', ['namespace'], 'Labels or annotations of the namespace were corrected.'),
  NamespaceDeleted: info('namespace deleted', ['namespace'], 'The operator requested the deletion of the namespace.'),
  SecretWritten: info(
    'secret written',
    ['namespace', 'object'],
    'The Secret with the credentials was created or changed.',
  ),
  LoginSwitched: info(
    'login switched',
    ['namespace', 'object', 'role'],
    'The Secret now contains the other login role, with its new password.',
  ),
  ObjectCreated: info('object created', ['namespace', 'object'], 'An object in the namespace was created.'),
  ObjectChanged: info('object changed', ['namespace', 'object'], 'An object in the namespace was corrected.'),
  ObjectDeleted: info(
    'object deleted',
    ['namespace', 'object'],
    'An object in the namespace that is no longer needed was deleted.',
  ),
  PodsStopped: info(
    'pods told to end',
    ['namespace', 'pods'],
    'Pods of a suspended tenant were evicted or deleted. `pods`: their number.',
  ),
  WorkloadsWoken: info(
    'workloads woken',
    ['namespace', 'workloads'],
    'Workloads of a tenant that is Active again were resumed. `workloads`: their number.',
  ),
  RolesWritten: info(
    'database roles written',
    ['server', 'database'],
    'Roles of the tenant were created or corrected.',
  ),
  PasswordSet: info(
    'database password set',
    ['server', 'database'],
    'The current login got the password in the Secret.',
  ),
  DatabaseCreated: info(
    'database created',
    ['server', 'database'],
    "The tenant's database, or the shared database, was created.",
  ),
  DatabaseChanged: info(
    'database changed',
    ['server', 'database'],
    'Settings or privileges of the database were corrected.',
  ),
  InsideWritten: info(
    'database contents set up',
    ['server', 'database'],
    'Schemas, privileges and the admin directory are in place.',
  ),
  DirectoryWritten: info(
    'admin directory written',
    ['server', 'database'],
    "The admin directory was updated to the tenant's current admins.",
  ),
  LoginPrepared: info(
    'next login prepared',
    ['server', 'database'],
    'The login that is not current got a new password.',
  ),
  ObjectsGiven: info(
    'objects given to the owner role',
    ['server', 'database'],
    'Objects that a session had created as its login role, and that the other login could not use, now belong to the owner role.',
  ),
  LoginsDisabled: info(
    'logins disabled',
    ['server', 'database'],
    'The login roles of the tenant can no longer log in.',
  ),
  SessionsEnded: info('sessions ended', ['server', 'database'], 'Sessions of the tenant in the database were ended.'),
  DatabaseDropped: info('database dropped', ['server', 'database'], "The tenant's database or schema was dropped."),
  RolesDropped: info('database roles dropped', ['server', 'database'], "The tenant's roles were dropped."),
  DumpTidied: info(
    'remains of a dump removed',
    ['server', 'database'],
    'The temporary logins and the copy that a dump had needed were removed.',
  ),
  AcceptancesRestored: info(
    'acceptances restored',
    ['server', 'database', 'from'],
    'Lost acceptances were restored from the admin directory.',
  ),
  DumpKept: info(
    'dump kept',
    ['server', 'database', 'path', 'bytes'],
    'A last dump was taken, verified by a restore, and stored.',
  ),
  DumpRehearsed: info(
    'dump rehearsed',
    ['server', 'database'],
    'A last dump was taken and restored to test whether it would succeed. It was not kept.',
  ),
  NamespaceLost: warn(
    'namespace made anew, what lay in it is gone',
    ['namespace', 'since'],
    'The namespace was deleted by another client. `since`: when Tenantry noticed the deletion; absent when it found the namespace missing.',
  ),
  SecretLost: warn(
    'secret made anew with a new password',
    ['namespace', 'object'],
    'The Secret with the credentials, or its password, was missing.',
  ),
  DirectoryLost: warn(
    'admin directory made anew',
    ['server', 'database'],
    "The admin directory in the database was missing, and was recreated with the tenant's admins.",
  ),
  SettingsNotCarried: warn(
    'parameters of the former login not carried over',
    ['server', 'database', 'parameters'],
    "The operator's account may not set some parameters of the former login for the new one. `parameters`: their names.",
  ),
  ObjectContested: warn(
    'object contested',
    ['namespace', 'object', 'field', 'writer'],
    'Another writer keeps changing `field`; without `field`, it keeps deleting or creating the object. Tenantry writes at growing intervals.',
  ),
  DumpLost: warn(
    'dump gone from its place',
    ['path'],
    'The last dump that a purge or a deletion relies on no longer exists. The data is kept.',
  ),
  DataMissing: warn(
    'data of a tenant missing',
    ['server', 'database'],
    'The database or schema is missing although it existed before. Tenantry creates nothing in its place.',
  ),
  DataOverSize: warn(
    'data of a tenant over its size',
    ['server', 'database'],
    'The size of the database or schema is close to its limit, or exceeds it. The condition `DatabaseOverSize` says which.',
  ),
  DeletionHeld: warn(
    'deletion held',
    ['limit'],
    'More Tenants were deleted in a short time than `settings.deletionBrake` allows. Nothing of this one is removed.',
  ),
  DeletionPostponed: warn(
    'deletion postponed',
    ['until'],
    'The Tenant is deleted, and nothing of it is removed before `until`, the end of the grace period of its plan or of `settings.deletion.grace`.',
  ),
  WriteRefused: warn(
    'write refused',
    ['what', 'refusal'],
    'The Kubernetes API refuses a necessary write. `refusal`: the error, for example of a policy or webhook. Tenantry retries at growing intervals.',
  ),
  NameTaken: warn(
    'name taken',
    ['what', 'holder'],
    'A Cloud ID, a host name, or the name of an object to create is taken. `holder`: its holder, if known; the status does not reveal it.',
  ),
  NameHeldForEarlier: warn(
    'name held for an earlier tenant',
    ['claim', 'holder'],
    'The name is held for an earlier, deleted Tenant of the same name. `holder`: the uid of that Tenant.',
  ),
} as const
