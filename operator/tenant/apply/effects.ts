/**
 * The log line of an effective action: one table from the kinds of action to the lines of api/log-lines.ts. Names of
 * things only: no password, no person's name or address. Pure.
 */
import { dataName } from '../../api/names.ts'
import { logLine } from '../../api/log-lines.ts'
import type { WrittenLine } from '../../api/log-lines.ts'
import type { Action } from '../model/action.ts'
import type { Did } from '../model/outcome.ts'

type LineOf<Kind extends Action['kind']> = (
  action: Extract<Action, { kind: Kind }>,
  did: Did,
) => WrittenLine | undefined

/** Bookkeeping on the Tenant itself gets no line: its status has it. */
const silent = () => undefined

const lines: { readonly [Kind in Action['kind']]: LineOf<Kind> } = {
  AddFinalizer: silent,
  WriteStatus: silent,
  RecordDeletion: silent,
  // The dumper reports it, as only the dumper knows whether a dump was taken or found.
  Dump: silent,
  RehearseDump: silent,
  RemoveFinalizer: () => logLine('TenantReleased', {}),
  ClaimName: ({ claim }) => logLine('NameClaimed', { claim: claim.name }),
  RecordPlacement: ({ claim, server }) => logLine('PlacementRecorded', { claim, server }),
  AliasClaim: ({ claim, until }) => logLine('NameRetired', { claim, until }),
  ReleaseClaim: ({ claim }) => logLine('NameReleased', { claim }),
  GiveUpClaim: ({ claim, from }) => logLine('NameGivenUp', { claim, from }),
  MarkRetained: ({ claim }) => logLine('ClaimRetained', { claim }),
  ClaimDatabase: ({ claim, from }) => logLine('DataAdopted', { claim: claim.name, from }),
  AdoptClaim: ({ claim, from }) => logLine('ClaimAdopted', { claim, from }),
  BindClaim: ({ claim, leader }) => logLine('NameBound', { claim, leader }),
  UnbindClaim: ({ claim, leader }) => logLine('NameUnbound', { claim, leader }),
  DecideSwap: ({ leader }) => logLine('SwapDecided', { leader }),
  HandOver: ({ claim, leader }) => logLine('NameHandedOver', { claim, leader }),
  EnsureNamespace: ({ object }, did) =>
    logLine(did === 'Created' ? 'NamespaceCreated' : 'NamespaceChanged', { namespace: object.metadata.name }),
  DeleteNamespace: ({ namespace }) => logLine('NamespaceDeleted', { namespace }),
  EnsureBinding: ({ inputs: { namespace, name } }) => logLine('SecretWritten', { namespace, object: `Secret ${name}` }),
  SwitchBinding: ({ inputs: { namespace, name, username } }) =>
    logLine('LoginSwitched', { namespace, object: `Secret ${name}`, role: username }),
  EnsureChild: ({ child: { childKind, object } }, did) =>
    logLine(did === 'Created' ? 'ObjectCreated' : 'ObjectChanged', {
      namespace: object.metadata.namespace,
      object: `${childKind} ${object.metadata.name}`,
    }),
  DeleteChild: ({ childKind, namespace, name }) =>
    logLine('ObjectDeleted', { namespace, object: `${childKind} ${name}` }),
  StopWorkloads: ({ namespace, stops }) => logLine('PodsStopped', { namespace, pods: stops.length }),
  ResumeWorkloads: ({ namespace, stuckWorkloads }) =>
    logLine('WorkloadsWoken', { namespace, workloads: stuckWorkloads.length }),
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
    logLine('AcceptancesRestored', { server, database: dataName(target.names), from }),
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
  return ({ server, target }: OnServer) => logLine(line, { server, database: dataName(target.names) })
}

/** The line of an effect; undefined where there is none. */
export function lineOf<Kind extends Action['kind']>(
  action: Extract<Action, { kind: Kind }>,
  did: Did,
): WrittenLine | undefined {
  const kind: Kind = action.kind
  const line: LineOf<Kind> = lines[kind]
  return line(action, did)
}
