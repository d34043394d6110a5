/** docs/explanation/never-by-itself.md promises nothing that no test holds. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'

const root = join(import.meta.dirname, '..', '..', '..')
const page = await readFile(join(root, 'docs/explanation/never-by-itself.md'), 'utf8')
const sentences = page.split('\n').filter((line) => line.startsWith('- '))

test('every sentence names its test', (t) => {
  t.true(sentences.length > 10)
  t.deepEqual(
    sentences.filter((line) => !/\. <!-- test\/\S+\.test\.ts: .+ -->$/.test(line)),
    [],
  )
})

for (const line of sentences)
  test(`a test holds: ${line.slice(2, line.indexOf(' <!--'))}`, async (t) => {
    const [, file = '', title = ''] = /<!-- (\S+): (.+) -->$/.exec(line) ?? []
    const tests = await readFile(join(root, file), 'utf8')
    t.true(
      ['`', "'", '"'].some((quote) => tests.includes(quote + title + quote)),
      `${file} has no test of that title`,
    )
  })
