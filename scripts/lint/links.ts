/** Holds the documentation together: links and paths lead to files and headings, and every decision is in the index. */
import { access, readFile, readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { anchorsOf } from './anchors.ts'

const ignored = /^(?:node_modules|\.git|\.cache)\//

/** Every broken relative link, every path of ours that leads nowhere, and every decision that the index lacks, one sentence each. */
export async function linkProblems(root: string): Promise<string[]> {
  const paths = (await readdir(root, { recursive: true }))
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md') && !ignored.test(path))
  const broken = await Promise.all(paths.map((path) => brokenLinks(root, path)))
  const index = await readFile(join(root, 'docs/decisions/README.md'), 'utf8')
  const unlisted = paths.filter(
    (path) => /^docs\/decisions\/\d{4}-/.test(path) && !index.includes(`(${path.slice(15)})`),
  )
  const lost = await Promise.all(paths.map((path) => lostPaths(root, path)))
  const withoutHeading = await Promise.all(paths.map((path) => lostAnchors(root, path)))
  return [
    ...broken.flat(),
    ...withoutHeading.flat(),
    ...lost.flat(),
    ...unlisted.map((path) => `${path} is not in docs/decisions/README.md`),
  ].toSorted()
}

async function brokenLinks(root: string, path: string): Promise<string[]> {
  const text = await readFile(join(root, path), 'utf8')
  const targets = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target)
  const missing = await Promise.all(targets.map((target) => isMissing(join(root, dirname(path), target))))
  return targets.filter((_, index) => missing[index]).map((target) => `${path} links to ${target}, which is not there`)
}

/** Links to a heading that the page does not have; a page that is not there is {@link brokenLinks}'s. */
async function lostAnchors(root: string, path: string): Promise<string[]> {
  const text = await readFile(join(root, path), 'utf8')
  const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)/g)]
  const lost = links.map(async ([, target = '', anchor = '']) => {
    const page = target === '' ? text : await readFile(join(root, dirname(path), target), 'utf8').catch(() => undefined)
    const isLost = page !== undefined && !anchorsOf(page).has(anchor)
    return isLost ? [`${path} links to #${anchor} of ${target || path}, which has no such heading`] : []
  })
  return (await Promise.all(lost)).flat()
}

/** Code spans that name a file or folder from the root of the repository. */
async function lostPaths(root: string, path: string): Promise<string[]> {
  const text = await readFile(join(root, path), 'utf8')
  const named = [...text.matchAll(/`((?:operator|test|scripts|bench)\/[\w./-]+)`/g)].map(([, name = '']) => name)
  const missing = await Promise.all(named.map((name) => isMissing(join(root, name))))
  return named.filter((_, index) => missing[index]).map((name) => `${path} names ${name}, which is not there`)
}

/** A link out of the repository is broken in a copy of the repository. */
async function isMissing(file: string): Promise<boolean> {
  if (relative(process.cwd(), file).startsWith('..')) return true
  return access(file).then(
    () => false,
    () => true,
  )
}
