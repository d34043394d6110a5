import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { lanesOf, measuresTime } from '../../harness/lanes.ts'
import type { Suite } from '../../harness/selection.ts'

const root = join(import.meta.dirname, '..', '..', '..')

test('the first comment of a file says whether it measures time, and no other', (t) => {
  t.true(measuresTime('/** How fast. Measures time. */\n'))
  t.true(measuresTime('/**\n * How fast.\n * Measures time.\n */\n'))
  t.false(measuresTime('/** What is lost. */\n/** Measures time. */\n'))
  t.false(measuresTime("import test from 'ava'\n/** Measures time. */\n"))
})

const lanes = (chosen: Partial<Record<Suite, readonly string[]>>) =>
  lanesOf(root, new Map(Object.entries(chosen) as [Suite, readonly string[]][])) // its keys are suites

test('what measures time runs after all that does not, with one other file beside it', async (t) => {
  const unit = ['test/unit/config/config.test.ts']
  const integration = ['test/integration/tenant.test.ts']
  const faults = ['test/faults/leaders.test.ts', 'test/faults/losses.test.ts', 'test/faults/network.test.ts']
  const browser = ['test/browser/pages.test.ts']
  const [leaders, losses, network] = faults
  t.deepEqual(await lanes({ unit, integration, faults, browser }), [
    { suites: ['unit'], files: unit, concurrency: 2 },
    { suites: ['integration', 'faults', 'browser'], files: [...browser, losses, ...integration], concurrency: 4 },
    { suites: ['faults'], files: [leaders, network], concurrency: 2 },
  ])
})

test('no file is no group', async (t) => {
  t.deepEqual(await lanes({ faults: [] }), [])
  t.deepEqual(await lanes({}), [])
})

test('a file of test/faults that reads a clock says what for', async (t) => {
  const found: string[] = []
  for await (const file of glob('test/faults/*.test.ts', { cwd: root })) {
    const source = await readFile(join(root, file), 'utf8')
    const says = measuresTime(source) || source.includes('Its limits leave room for a busy machine.')
    if (!says && /performance\.now|= Date\.now\(\)/.test(source)) found.push(file)
  }
  t.deepEqual(found, [])
})
