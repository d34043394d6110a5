import test from 'ava'

import { reasons } from '../../../operator/api/reasons.ts'
import { sourceStrings } from './source-strings.ts'

test('every reason that is promised is one that some condition is given', async (t) => {
  const strings = await sourceStrings()
  const given = new Set(strings.filter(({ path }) => !path.startsWith('operator/api/')).map(({ text }) => text))
  t.deepEqual(
    Object.keys(reasons).filter((reason) => !given.has(reason)),
    [],
  )
})
