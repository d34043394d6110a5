/** The steps of a name swap, as one tenant takes them: by its part in the cycle and by how far the swap is. */
import test from 'ava'
import type { NameClaim } from '../../../../operator/domain/caches.ts'
import type { Action } from '../../../../operator/tenant/model/action.ts'
import { swapWork } from '../../../../operator/tenant/names/swap-actions.ts'
import { tenant } from '../../../gen.ts'
import { nameClaim, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

function told(action: Action): string {
  switch (action.kind) {
    case 'BindClaim':
    case 'HandOver':
    case 'UnbindClaim':
      return `${action.kind} ${action.claim.slice('claim-cloud-id-'.length)}`
    case 'DecideSwap':
      return `DecideSwap ${action.members.map(({ holder }) => holder.slice('uid-'.length)).join(' ')}`
    default:
      return action.kind
  }
}

const wants = (cloudId: string) => ({ spec: { cloudId, subdomain: 'acme' } })
const acme = nameClaim('acme')
const other = (name: string, cloudId: string) =>
  tenant({ name, uid: `uid-${name}`, spec: { cloudId, subdomain: name } })
const of = (name: string, over: Partial<NameClaim> = {}) =>
  nameClaim(name, { holder: `uid-${name}`, tenant: `home/${name}`, ...over })
/** Bound for a swap that the holder of the claim `to` leads. */
const bound = (to: string) => ({ bound: { by: `uid-${to}`, to: `claim-cloud-id-${to}` } })
const handover = (value: string, uid: string) => ({
  claim: `claim-cloud-id-${value}`,
  cloudId: value,
  data: { uid, kind: 'CloudId', value, tenant: `home/${uid.slice('uid-'.length)}` },
})
const decided = [handover('acme', 'uid-globex'), handover('globex', 'uid-acme')]
const aaron = { others: [other('aaron', 'acme')], tenant: wants('aaron') }
const globex = { others: [other('globex', 'acme')], tenant: wants('globex') }

type Row = readonly [sentence: string, known: SnapshotOver, actions: readonly string[] | undefined]
const rows: readonly Row[] = [
  ['no swap', { claims: [acme] }, undefined],
  [
    'the leader binds the other claim, decides, and hands its own claim over last',
    { ...globex, claims: [acme, of('globex')] },
    ['BindClaim globex', 'DecideSwap acme globex', 'HandOver globex', 'HandOver acme'],
  ],
  ['another member waits for its leader', { ...aaron, claims: [acme, of('aaron')] }, []],
  ['its claim is bound: it waits', { ...aaron, claims: [nameClaim('acme', bound('aaron')), of('aaron')] }, []],
  [
    'the leader whose own claim is bound for another swap waits',
    { ...globex, claims: [nameClaim('acme', bound('globex')), of('globex')] },
    [],
  ],
  [
    'a swap that is no longer wanted: what it bound is free again',
    { claims: [acme, of('globex', bound('acme'))], others: [other('globex', 'globex')] },
    ['UnbindClaim globex'],
  ],
  [
    'a swap with another tenant than was bound',
    {
      ...globex,
      claims: [acme, of('globex'), of('hooli', bound('acme'))],
      others: [other('globex', 'acme'), other('hooli', 'hooli')],
    },
    ['UnbindClaim hooli', 'BindClaim globex', 'DecideSwap acme globex', 'HandOver globex', 'HandOver acme'],
  ],
  [
    'the Tenant of the leader is gone before the swap was decided: the own claim is free again',
    { claims: [nameClaim('acme', bound('aaron'))] },
    ['UnbindClaim acme'],
  ],
  [
    'decided: the leader hands over, its own claim last',
    { ...globex, claims: [nameClaim('acme', { handovers: decided }), of('globex', bound('acme'))] },
    ['HandOver globex', 'HandOver acme'],
  ],
  [
    'decided: another member waits for its leader',
    {
      ...aaron,
      claims: [nameClaim('acme', bound('aaron')), of('aaron', { handovers: [handover('aaron', 'uid-acme')] })],
    },
    [],
  ],
  [
    'decided, and the Tenant of the leader is gone: any member hands over',
    {
      tenant: wants('aaron'),
      claims: [of('aaron', { handovers: [handover('acme', 'uid-aaron'), handover('aaron', 'uid-acme')] })],
    },
    ['HandOver acme', 'HandOver aaron'],
  ],
]
for (const [sentence, known, actions] of rows)
  test(`${actions?.join(', ') ?? 'none'}: ${sentence}`, (t) => {
    const work = swapWork(snapshot(known))
    t.deepEqual(work?.actions.map(told), actions)
    if (work !== undefined) t.is(work.verdict.reason, 'Renaming')
  })
