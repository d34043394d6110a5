/** What changed in the wanted state since a pass last finished: anything else that differs is drift. */
import test from 'ava'
import { Wanted } from '../../../../operator/tenant/apply/wanted-digests.ts'
import type { PartSince } from '../../../../operator/tenant/apply/wanted-digests.ts'
import type { Target } from '../../../../operator/tenant/model/action.ts'

const before = { content: 'c1', database: 'd1' }

type Row = readonly [string, (wanted: Wanted) => void, { readonly content: PartSince; readonly database: PartSince }]
const rows: readonly Row[] = [
  ['nothing is known at the start', () => {}, { content: 'Unknown', database: 'Unknown' }],
  ['after a whole pass all is the same', (wanted) => end(wanted), { content: 'Same', database: 'Same' }],
  [
    'another content is a change of the content only',
    (wanted) => end(wanted, { ...before, content: 'c0' }),
    { content: 'Changed', database: 'Same' },
  ],
  [
    'a failure in the namespace leaves the database known',
    (wanted) => end(wanted, before, ['Namespace']),
    { content: 'Unknown', database: 'Same' },
  ],
  [
    'a failure of the database leaves the content known',
    (wanted) => end(wanted, before, ['Database']),
    { content: 'Same', database: 'Unknown' },
  ],
  [
    'a failure with the claims leaves nothing known',
    (wanted) => end(wanted, before, ['Claims']),
    { content: 'Unknown', database: 'Unknown' },
  ],
  [
    'a forgotten tenant is unknown',
    (wanted) => (end(wanted), wanted.forget('u')),
    { content: 'Unknown', database: 'Unknown' },
  ],
  [
    'another tenant says nothing of this one',
    (wanted) => end(wanted, before, [], 'other'),
    { content: 'Unknown', database: 'Unknown' },
  ],
  [
    'a pass that is cut off after a change leaves nothing known',
    (wanted) => (end(wanted, { content: 'c0', database: 'd0' }), wanted.begin('u', before)),
    { content: 'Unknown', database: 'Unknown' },
  ],
]
for (const [sentence, history, expected] of rows)
  test(sentence, (t) => {
    const wanted = new Wanted()
    history(wanted)
    t.deepEqual(wanted.begin('u', before), expected)
  })

function end(wanted: Wanted, state = before, skipped: readonly Target[] = [], uid = 'u'): void {
  wanted.end(uid, state, { failures: [], skipped })
}
