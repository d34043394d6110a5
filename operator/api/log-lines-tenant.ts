/** The log lines about a Tenant. Pure. */
import { info, warn } from './log-line.ts'

export const tenantLines = {
  NameClaimed: info('name claimed', ['claim'], 'The tenant has claimed a Cloud ID or a host name.'),
  PlacementRecorded: info('placement recorded', ['claim', 'server'], 'The DatabaseServer of the tenant is recorded.'),
  NameRetired: info(
    'name retired',
    ['claim', 'until'],
    'A name became a former one, which the tenant keeps for a while.',
  ),
  NameReleased: info('name released', ['claim'], 'A name is free for others.'),
  NameGivenUp: info(
    'name given up',
    ['claim', 'from'],
    'This Tenant asked to release a name of an earlier Tenant of the same name, whose uid is `from` and which is gone: the name is free.',
  ),
  ClaimRetained: info('claim retained', ['claim'], 'A claim records that the data of its tenant was kept.'),
  DataAdopted: info(
    'data adopted',
    ['claim', 'from'],
    'The data of an earlier tenant, whose uid is `from`, now belongs to this one.',
  ),
  ClaimAdopted: info(
    'claim adopted',
    ['claim', 'from'],
    'A name of an earlier tenant, whose uid is `from`, now belongs to this one.',
  ),
  NameBound: info('name bound to an exchange', ['claim', 'leader'], 'A name waits for a swap, which `leader` leads.'),
  NameUnbound: info('name unbound from an exchange', ['claim', 'leader'], 'A name no longer waits for a swap.'),
  ExchangeDecided: info('exchange of names decided', ['leader'], 'All names of a swap are bound: it is carried out.'),
  NameHandedOver: info('name handed over', ['claim', 'leader'], 'A name has its new holder.'),
  TenantReleased: info('tenant released', [], 'The finalizer is removed: the Tenant may go.'),
  NamespaceCreated: info('namespace created', ['namespace'], "The tenant's namespace was made."),
  NamespaceChanged: info('namespace changed', ['namespace'], 'Labels or annotations of the namespace were corrected.'),
  NamespaceDeleted: info('namespace deleted', ['namespace'], 'The operator asked for the deletion of the namespace.'),
  SecretWritten: info(
    'secret written',
    ['namespace', 'object'],
    'The Secret with the credentials was made or changed.',
  ),
  LoginSwitched: info(
    'login switched',
    ['namespace', 'object', 'role'],
    'The Secret names the other login role, with its new password.',
  ),
  ObjectCreated: info('object created', ['namespace', 'object'], 'An object in the namespace was made.'),
  ObjectChanged: info('object changed', ['namespace', 'object'], 'An object in the namespace was corrected.'),
  ObjectDeleted: info(
    'object deleted',
    ['namespace', 'object'],
    'An object in the namespace that is no longer wanted was deleted.',
  ),
  PodsStopped: info(
    'pods told to end',
    ['namespace', 'pods'],
    'Pods of a tenant that is off were evicted or deleted; `pods`: how many were told.',
  ),
  WorkloadsWoken: info(
    'workloads woken',
    ['namespace', 'workloads'],
    'Workloads of a tenant that is on again were resumed; `workloads`: how many.',
  ),
  RolesWritten: info('database roles written', ['server', 'database'], 'Roles of the tenant were made or corrected.'),
  PasswordSet: info(
    'database password set',
    ['server', 'database'],
    'The current login has the password of the Secret.',
  ),
  DatabaseCreated: info(
    'database created',
    ['server', 'database'],
    "The tenant's database, or the shared one, was made.",
  ),
  DatabaseChanged: info(
    'database changed',
    ['server', 'database'],
    'Settings or rights of the database were corrected.',
  ),
  InsideWritten: info(
    'database contents set up',
    ['server', 'database'],
    'Schemas, rights and the admin directory are in place.',
  ),
  DirectoryWritten: info(
    'admin directory written',
    ['server', 'database'],
    "The admin directory has the tenant's present admins.",
  ),
  LoginPrepared: info('next login prepared', ['server', 'database'], 'The unused login has a new password.'),
  ObjectsGiven: info(
    'objects given to the owner role',
    ['server', 'database'],
    'Objects that a session had made as its login, and that the next login could not reach, now belong to the role of the tenant.',
  ),
  LoginsDisabled: info(
    'logins disabled',
    ['server', 'database'],
    'The login roles of the tenant may no longer log in.',
  ),
  SessionsEnded: info('sessions ended', ['server', 'database'], 'Sessions of the tenant in the database were ended.'),
  DatabaseDropped: info('database dropped', ['server', 'database'], "The tenant's database or schema is gone."),
  RolesDropped: info('database roles dropped', ['server', 'database'], "The tenant's roles are gone."),
  DumpTidied: info(
    'remains of a dump removed',
    ['server', 'database'],
    'The logins and the copy that a dump had needed are gone.',
  ),
  AcceptancesRestored: info(
    'acceptances restored',
    ['server', 'database', 'from'],
    'Lost acceptances were recorded anew from the admin directory.',
  ),
  DumpKept: info(
    'dump kept',
    ['server', 'database', 'path', 'bytes'],
    'A last dump was taken, proved by a restore, and kept.',
  ),
  DumpRehearsed: info(
    'dump rehearsed',
    ['server', 'database'],
    'A last dump was taken and restored, to find out whether it would succeed. Nothing of it is kept.',
  ),
  NamespaceLost: warn(
    'namespace made anew, what lay in it is gone',
    ['namespace', 'since'],
    'The namespace was deleted, and not by Tenantry. `since`: when that was noticed; absent when it was found missing.',
  ),
  SecretLost: warn(
    'secret made anew with a new password',
    ['namespace', 'object'],
    'The Secret with the credentials, or its password, was gone.',
  ),
  DirectoryLost: warn(
    'admin directory made anew',
    ['server', 'database'],
    "The admin directory in the database was gone. It has the tenant's admins again.",
  ),
  SettingsNotCarried: warn(
    'parameters of the former login not carried over',
    ['server', 'database', 'parameters'],
    "Parameters that were set for one login and that the operator's account may not set for the other; `parameters`: their names.",
  ),
  ObjectContested: warn(
    'object contested',
    ['namespace', 'object', 'field', 'writer'],
    'Another writer keeps changing `field`; without `field`, it keeps deleting or making the object. Tenantry writes with growing pauses.',
  ),
  DumpLost: warn(
    'dump gone from its place',
    ['path'],
    'The last dump, which a purge or a deletion relies on, no longer exists. The data is kept.',
  ),
  DataMissing: warn(
    'data of a tenant missing',
    ['server', 'database'],
    'The database or schema existed and is gone. Nothing is created in its place.',
  ),
  DataOverSize: warn(
    'data of a tenant over its size',
    ['server', 'database'],
    'The size of the database or schema nears its limit, or exceeds it. The condition `DatabaseOverSize` says which.',
  ),
  DeletionHeld: warn(
    'deletion held',
    ['limit'],
    'More Tenants were deleted in a short time than `settings.deletionBrake` allows: nothing of this one is removed.',
  ),
  DeletionPostponed: warn(
    'deletion postponed',
    ['until'],
    'The Tenant is deleted, and nothing of it is removed before `until`, as its plan or `settings.deletion.grace` says.',
  ),
  WriteRefused: warn(
    'write refused',
    ['what', 'refusal'],
    'The Kubernetes API refuses a necessary write: `refusal` has its words, those of a policy or webhook for instance. Tenantry retries with growing pauses.',
  ),
  NameTaken: warn(
    'name taken',
    ['what', 'holder'],
    'A Cloud ID, a host name, or the name of an object to be made is taken. `holder`: by whom, where known; the status does not reveal it.',
  ),
  NameHeldForEarlier: warn(
    'name held for an earlier tenant',
    ['claim', 'holder'],
    'The name is held for an earlier Tenant of this name, which is gone. `holder`: its uid.',
  ),
} as const
