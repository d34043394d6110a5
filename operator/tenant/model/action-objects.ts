/** An action and the object that it is about, for the log. Pure. */
import { dataName } from '../../api/names.ts'
import type { Action, DumpAction, KubeAction, RecordDeletion } from './action.ts'
import { isDatabaseAction } from './action.ts'

/** A short line for a trace or a message: the action and its object. */
export function describe(action: Action): string {
  if (isDatabaseAction(action) || action.kind === 'RestoreAcceptances' || action.kind === 'RehearseDump')
    return `${action.kind} ${dataName(action.target.names)} on ${action.server}`
  if (action.kind === 'RecordDeletion') return `RecordDeletion ${action.deletion.tenant}`
  return `${action.kind} ${objectOf(action)}`.trimEnd()
}

function objectOf(action: Exclude<KubeAction, RecordDeletion> | DumpAction): string {
  switch (action.kind) {
    case 'AddFinalizer':
    case 'RemoveFinalizer':
    case 'WriteStatus':
      return ''
    case 'Dump':
      return action.path
    case 'StopWorkloads':
    case 'ResumeWorkloads':
    case 'DeleteNamespace':
      return action.namespace
    case 'ClaimName':
    case 'ClaimDatabase':
      return action.claim.name
    case 'RecordPlacement':
      return `${action.server} in ${action.claim}`
    case 'ReleaseClaim':
    case 'GiveUpClaim':
    case 'MarkRetained':
    case 'AdoptClaim':
    case 'AliasClaim':
      return action.claim
    case 'BindClaim':
    case 'UnbindClaim':
    case 'HandOver':
      return `${action.claim} by ${action.leader}`
    case 'DecideSwap':
      return action.leader
    case 'EnsureNamespace':
      return action.object.metadata.name
    case 'EnsureBinding':
    case 'SwitchBinding':
      return `${action.inputs.namespace}/${action.inputs.name}`
    case 'EnsureChild':
      return `${action.child.childKind} ${action.child.object.metadata.namespace ?? ''}/${action.child.object.metadata.name}`
    case 'DeleteChild':
      return `${action.childKind} ${action.namespace}/${action.name}`
  }
}
