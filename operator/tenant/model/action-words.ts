/** What an action does, in words that stand in a sentence: for the conditions that people read. Pure. */
import { dataName } from '../../api/names.ts'
import type { Action, ClaimAction, SwapAction, KubeAction } from './action.ts'

type ServerAction = Extract<Action, { readonly server: string; readonly target: unknown }>

/** A noun with its article, in lower case: "the write of the ResourceQuota tenant-acme/tenantry-quota". */
export function inWords(action: Action): string {
  return 'target' in action
    ? `${onServer[action.kind]} ${dataName(action.target.names)} on the DatabaseServer ${action.server}`
    : inCluster(action)
}

/** Like {@link inWords}, at the beginning of a sentence. */
export function inWordsFirst(action: Action): string {
  return inWords(action).replace(/^t/, 'T')
}

const onServer: Readonly<Record<ServerAction['kind'], string>> = {
  EnsureRoles: 'the setting up of the roles of',
  EnsureDatabase: 'the creation of',
  EnsureInside: 'the setting up of',
  SetPassword: 'the change of the password of',
  PrepareLogin: 'the change of the password of',
  WriteDirectory: 'the write of the admin directory of',
  GiveToOwner: 'the change of the owner of what lies in',
  EndOtherSessions: 'the end of the sessions of',
  TerminateSessions: 'the end of the sessions of',
  DisableLogins: 'the turning off of the logins of',
  DropDatabase: 'the removal of',
  DropRoles: 'the removal of the roles of',
  EndDump: 'the end of the dump of',
  Dump: 'the dump of',
  RehearseDump: 'the rehearsal of a dump of',
  RestoreAcceptances: 'the reading of the admin directory of',
}

function inCluster(action: KubeAction): string {
  switch (action.kind) {
    case 'AddFinalizer':
      return 'the write of the finalizer of the Tenant'
    case 'RemoveFinalizer':
      return 'the removal of the finalizer of the Tenant'
    case 'WriteStatus':
      return 'the write of the status of the Tenant'
    case 'RecordDeletion':
      return "the write of the record of deletions in the operator's namespace"
    case 'StopWorkloads':
      return `the end of the pods in the Namespace ${action.namespace}`
    case 'ResumeWorkloads':
      return `the annotation of the workloads in the Namespace ${action.namespace}`
    case 'EnsureNamespace':
      return `the write of the Namespace ${action.object.metadata.name}`
    case 'DeleteNamespace':
      return `the deletion of the Namespace ${action.namespace}`
    case 'EnsureBinding':
    case 'SwitchBinding':
      return `the write of the Secret ${action.inputs.namespace}/${action.inputs.name}`
    case 'EnsureChild': {
      const { childKind, object } = action.child
      return `the write of the ${childKind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`
    }
    case 'DeleteChild':
      return `the deletion of the ${action.childKind} ${action.namespace}/${action.name}`
    default:
      return onRecord(action)
  }
}

/** Claims are ConfigMaps. */
function onRecord(action: ClaimAction | SwapAction): string {
  switch (action.kind) {
    case 'ReleaseClaim':
    case 'GiveUpClaim':
      return `the deletion of the ConfigMap ${action.claim} of the operator's namespace`
    case 'ClaimName':
    case 'ClaimDatabase':
      return `the write of the ConfigMap ${action.claim.name} of the operator's namespace`
    case 'DecideSwap':
      return `the write of the ConfigMap ${action.leader} of the operator's namespace`
    default:
      return `the write of the ConfigMap ${action.claim} of the operator's namespace`
  }
}
