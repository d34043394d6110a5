import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { lanesOf, measuresNoTime } from '../../harness/lanes.ts'

const root = join(import.meta.dirname, '..', '..', '..')

test('the first comment of a file says whether it measures time, and no other', (t) => {
  t.true(measuresNoTime('/** What is lost. Measures no time. */\n'))
  t.true(measuresNoTime('/**\n * What is lost.\n * Measures no time.\n */\n'))
  t.false(measuresNoTime('/** How fast. */\n/** Measures no time. */\n'))
  t.false(measuresNoTime("import test from 'ava'\n/** Measures no time. */\n"))
})

test('files of faults that measure time run two at a time, before the others, of which three do', async (t) => {
  const files = ['test/faults/leaders.test.ts', 'test/faults/losses.test.ts', 'test/faults/network.test.ts']
  t.deepEqual(await lanesOf(root, 'faults', files), [
    { files: ['test/faults/leaders.test.ts', 'test/faults/network.test.ts'], concurrency: 2 },
    { files: ['test/faults/losses.test.ts'], concurrency: 3 },
  ])
})

test('all files of another suite run two at a time, and no file is no group', async (t) => {
  const files = ['test/integration/tenant.test.ts']
  t.deepEqual(await lanesOf(root, 'integration', files), [{ files, concurrency: 2 }])
  t.deepEqual(await lanesOf(root, 'faults', []), [])
  t.deepEqual(await lanesOf(root, 'unit', []), [])
})

test('a file that says it measures no time reads no clock', async (t) => {
  const found: string[] = []
  for await (const file of glob('test/**/*.test.ts', { cwd: root })) {
    const source = await readFile(join(root, file), 'utf8')
    if (measuresNoTime(source) && /performance\.now|Date\.now|new Date\(\)/.test(source)) found.push(file)
  }
  t.deepEqual(found, [])
})
