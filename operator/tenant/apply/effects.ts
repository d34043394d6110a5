/**
 * What an action that took effect comes to in the log: one table from the kinds of action to the lines of
 * api/log-lines.ts. Names of things only: no password, nobody's name or address. Pure.
 */
import { dataName } from '../../api/names.ts'
import { told } from '../../api/log-lines.ts'
import type { Told } from '../../api/log-lines.ts'
import type { Action } from '../model/action.ts'
import type { Did } from '../model/outcome.ts'

type Tell<Kind extends Action['kind']> = (action: Extract<Action, { kind: Kind }>, did: Did) => Told | undefined

/** Bookkeeping on the Tenant itself is no line: its status says what it says. */
const silent = () => undefined

const lines: { readonly [Kind in Action['kind']]: Tell<Kind> } = {
  AddFinalizer: silent,
  Say: silent,
  RecordDeletion: silent,
  // The dumper tells of it, as only it knows whether a dump was taken or found.
  Dump: silent,
  RehearseDump: silent,
  RemoveFinalizer: () => told('TenantReleased', {}),
  Claim: ({ claim }) => told('NameClaimed', { claim: claim.name }),
  RecordPlacement: ({ claim, server }) => told('PlacementRecorded', { claim, server }),
  AliasClaim: ({ claim, until }) => told('NameRetired', { claim, until }),
  ReleaseClaim: ({ claim }) => told('NameReleased', { claim }),
  GiveUpClaim: ({ claim, from }) => told('NameGivenUp', { claim, from }),
  MarkRetained: ({ claim }) => told('ClaimRetained', { claim }),
  ClaimCorner: ({ claim, from }) => told('DataAdopted', { claim: claim.name, from }),
  AdoptClaim: ({ claim, from }) => told('ClaimAdopted', { claim, from }),
  BindClaim: ({ claim, leader }) => told('NameBound', { claim, leader }),
  UnbindClaim: ({ claim, leader }) => told('NameUnbound', { claim, leader }),
  DecideExchange: ({ leader }) => told('ExchangeDecided', { leader }),
  HandOver: ({ claim, leader }) => told('NameHandedOver', { claim, leader }),
  EnsureNamespace: ({ object }, did) =>
    told(did === 'Created' ? 'NamespaceCreated' : 'NamespaceChanged', { namespace: object.metadata.name }),
  DeleteNamespace: ({ namespace }) => told('NamespaceDeleted', { namespace }),
  EnsureBinding: ({ inputs: { namespace, name } }) => told('SecretWritten', { namespace, object: `Secret ${name}` }),
  SwitchBinding: ({ inputs: { namespace, name, username } }) =>
    told('LoginSwitched', { namespace, object: `Secret ${name}`, role: username }),
  EnsureChild: ({ child: { childKind, object } }, did) =>
    told(did === 'Created' ? 'ObjectCreated' : 'ObjectChanged', {
      namespace: object.metadata.namespace,
      object: `${childKind} ${object.metadata.name}`,
    }),
  DeleteChild: ({ childKind, namespace, name }) => told('ObjectDeleted', { namespace, object: `${childKind} ${name}` }),
  StopWorkloads: ({ namespace, stops }) => told('PodsStopped', { namespace, pods: stops.length }),
  WakeWorkloads: ({ namespace, sleepers }) => told('WorkloadsWoken', { namespace, workloads: sleepers.length }),
  EnsureRoles: inDatabase('RolesWritten'),
  SetPassword: inDatabase('PasswordSet'),
  EnsureDatabase: (action, did) => inDatabase(did === 'Created' ? 'DatabaseCreated' : 'DatabaseChanged')(action),
  EnsureInside: inDatabase('InsideWritten'),
  WriteDirectory: inDatabase('DirectoryWritten'),
  PrepareLogin: inDatabase('LoginPrepared'),
  GiveToOwner: inDatabase('ObjectsGiven'),
  EndOtherSessions: inDatabase('SessionsEnded'),
  DisableLogins: inDatabase('LoginsDisabled'),
  TerminateSessions: inDatabase('SessionsEnded'),
  DropDatabase: inDatabase('DatabaseDropped'),
  DropRoles: inDatabase('RolesDropped'),
  EndDump: inDatabase('DumpTidied'),
  RestoreAcceptances: ({ server, target, from }) =>
    told('AcceptancesRestored', { server, database: dataName(target.names), from }),
}

type OnServer = Pick<Extract<Action, { kind: 'EnsureRoles' }>, 'server' | 'target'>

type DatabaseLine =
  | 'RolesWritten'
  | 'PasswordSet'
  | 'DatabaseCreated'
  | 'DatabaseChanged'
  | 'InsideWritten'
  | 'DirectoryWritten'
  | 'LoginPrepared'
  | 'ObjectsGiven'
  | 'SessionsEnded'
  | 'LoginsDisabled'
  | 'DatabaseDropped'
  | 'RolesDropped'
  | 'DumpTidied'

function inDatabase(line: DatabaseLine) {
  return ({ server, target }: OnServer) => told(line, { server, database: dataName(target.names) })
}

/** The line of an effect; undefined where there is none. */
export function lineOf<Kind extends Action['kind']>(
  action: Extract<Action, { kind: Kind }>,
  did: Did,
): Told | undefined {
  const kind: Kind = action.kind
  const tell: Tell<Kind> = lines[kind]
  return tell(action, did)
}
