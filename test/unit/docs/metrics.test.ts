/** docs/reference/metrics.md lists every metric of Tenantry's own. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'

const root = join(import.meta.dirname, '..', '..', '..')
const page = await readFile(join(root, 'docs/reference/metrics.md'), 'utf8')

test('each metric that the code registers has its row', async (t) => {
  const paths = await readdir(join(root, 'operator'), { recursive: true })
  const sources = paths.filter((path) => path.endsWith('.ts'))
  const texts = await Promise.all(sources.map((path) => readFile(join(root, 'operator', path), 'utf8')))
  const names = new Set(texts.flatMap((text) => [...text.matchAll(/'(tenantry_[a-z_]+)'/g)].map(([, name]) => name)))
  t.true(names.size > 10)
  t.deepEqual(
    [...names].filter((name) => !page.includes(`| \`${name}\` |`)),
    [],
  )
})
