import test from 'ava'
import { sampleOf, seedOf, testSeed } from '../../harness/seed.ts'

const items = Array.from({ length: 60 }, (_, index) => index)

test('a commit has a seed of its own, positive and of 31 bits; none has the seed 1', (t) => {
  t.is(seedOf('00000007aaaaaaaa'), 7)
  t.is(seedOf('ffffffffaaaaaaaa'), 2 ** 31 - 1)
  t.not(seedOf('e06621d0'), seedOf('1855187a'))
  t.is(seedOf(''), 1)
  t.is(seedOf('80000000'), 1)
})

test('the variable wins over the commit, and one that is no number is told', (t) => {
  t.is(testSeed({ TENANTRY_TEST_SEED: '7' }), 7)
  t.is(testSeed({ TENANTRY_TEST_SEED: '' }), testSeed({}))
  t.throws(() => testSeed({ TENANTRY_TEST_SEED: 'seven' }), { message: /seven, which is not a whole number/ })
})

test('a sample is as large as asked, in order, and the same for the same seed', (t) => {
  const sample = sampleOf(items, 12, 7)
  t.is(sample.length, 12)
  t.deepEqual(
    sample,
    sample.toSorted((one, other) => one - other),
  )
  t.deepEqual(sampleOf(items, 12, 7), sample)
  t.deepEqual(sampleOf(items, 99, 7), items)
})

test('thirty commits take each of sixty at least once, twelve at a time', (t) => {
  const commits = Array.from({ length: 30 }, (_, index) => seedOf((0x9e_37_79_b9 * (index + 1)).toString(16).slice(-8)))
  t.is(new Set(commits.flatMap((seed) => sampleOf(items, 12, seed))).size, 60)
})
