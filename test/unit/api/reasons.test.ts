import test from 'ava'

import { reasons } from '../../../operator/api/reasons.ts'
import { sourceStrings } from './source-strings.ts'

test('every reason that is promised is one that some condition is given', async (t) => {
  const strings = await sourceStrings()
  const giving = strings.filter(
    ({ path }) => !path.startsWith('operator/api/') || path.startsWith('operator/api/failures'),
  )
  const given = new Set(giving.map(({ text }) => text))
  t.deepEqual(
    Object.keys(reasons).filter((reason) => !given.has(reason)),
    [],
  )
})
