/** Layouts that the rule of charters must find fault with, and one that must pass. */
import { layoutProblems } from './charters.ts'
import type { Layout } from './charters.ts'

const charter = 'What this folder is for, in one sentence.\n'

const good: Layout = {
  paths: [
    'operator/a/a.ts',
    'operator/b/c/d.ts',
    'operator/b/c/page.hbs',
    'test/unit/a/a.test.ts',
    'test/unit/b/c/d.test.ts',
  ],
  order: ['operator/a', 'operator/b/c'],
  charters: { 'operator/a': charter, 'operator/b': charter, 'operator/b/c': charter },
}

interface LayoutCanary {
  /** Part of the one complaint; undefined where the layout must pass. */
  readonly complaint: string | undefined
  readonly layout: Layout
}

const without = (path: string, ...others: readonly string[]): Layout => ({
  ...good,
  paths: [...good.paths.filter((each) => each !== path), ...others],
})

const canaries: readonly LayoutCanary[] = [
  { complaint: undefined, layout: good },
  { complaint: undefined, layout: without('', 'test/unit/harness/x.test.ts', 'test/unit/scene.ts') },
  { complaint: 'operator/b/c has no test in test/unit/b/c', layout: without('test/unit/b/c/d.test.ts') },
  {
    complaint: 'operator/a has no test in test/unit/a',
    layout: without('test/unit/a/a.test.ts', 'test/unit/a/scene.ts'),
  },
  { complaint: 'test/unit/z tests a folder operator/z', layout: without('', 'test/unit/z/z.test.ts') },
  { complaint: 'operator/old has a place', layout: { ...good, order: [...good.order, 'operator/old'] } },
  {
    complaint: 'operator/b/README.md is not one sentence',
    layout: { ...good, charters: { ...good.charters, 'operator/b': '' } },
  },
  { complaint: 'operator/pages/README.md is not one sentence', layout: without('', 'operator/pages/home.hbs') },
  {
    complaint: 'operator/a/README.md is not one sentence',
    layout: { ...good, charters: { ...good.charters, 'operator/a': 'What this folder is for. And something else.\n' } },
  },
  {
    complaint: 'the folders of operator/b do not stand together',
    layout: {
      paths: [...good.paths, 'operator/b/e/f.ts', 'test/unit/b/e/f.test.ts'],
      order: ['operator/b/e', ...good.order],
      charters: { ...good.charters, 'operator/b/e': charter },
    },
  },
]

/** A canary that is judged wrongly, one sentence each. */
export function charterCanaryProblems(): string[] {
  return canaries.flatMap(({ complaint, layout }) => {
    const found = layoutProblems(layout)
    if (complaint === undefined) return found.map((each) => `charters refuse what they should let pass: ${each}`)
    const isCaught = found.length === 1 && found[0]?.includes(complaint) === true
    return isCaught ? [] : [`charters miss "${complaint}", and find: ${found.join('; ') || 'nothing'}`]
  })
}
