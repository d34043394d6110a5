import test from 'ava'
import type { Action } from '../../../../operator/tenant/model/action.ts'
import { inWords, inWordsFirst } from '../../../../operator/tenant/model/action-words.ts'
import { databaseTarget } from '../../../database-target.ts'

const actions: readonly (readonly [Action, RegExp])[] = [
  [{ kind: 'DeleteNamespace', namespace: 'tenant-acme', uid: 'u' }, /^the deletion of the Namespace tenant-acme$/],
  [
    { kind: 'DeleteChild', childKind: 'ResourceQuota', namespace: 'tenant-acme', name: 'tenantry-quota', uid: 'u' },
    /^the deletion of the ResourceQuota tenant-acme\/tenantry-quota$/,
  ],
  [
    { kind: 'ReleaseClaim', claim: 'claim-cloud-id-acme' },
    /^the deletion of the ConfigMap claim-cloud-id-acme of the operator's namespace$/,
  ],
  [
    { kind: 'RecordPlacement', claim: 'claim-cloud-id-acme', server: 'main', data: {} },
    /^the write of the ConfigMap claim-cloud-id-acme of the operator's namespace$/,
  ],
  [{ kind: 'AddFinalizer' }, /^the write of the finalizer of the Tenant$/],
  [
    { kind: 'DropDatabase', server: 'main', target: databaseTarget() },
    /^the removal of t_\w+ on the DatabaseServer main$/,
  ],
]

for (const [action, words] of actions)
  test(`${action.kind} is told as a noun that stands in a sentence, or begins one`, (t) => {
    t.regex(inWords(action), words)
    t.is(inWordsFirst(action), inWords(action).replace(/^the/, 'The'))
  })
