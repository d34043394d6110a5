import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { startOf } from './process-tree.ts'

/**
 * Runs `work` while the file `path` says that this process does. A lock whose process has ended is taken over. Two that
 * take the same dead lock over at once may both work: it saves double work, and what it guards must bear that.
 */
export async function withLock(
  path: string,
  progress: (sentence: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}`
  let told = false
  while (!(await take(path, mine))) {
    const holder = await readFile(path, 'utf8').catch(() => '')
    const [pid = '', ...started] = holder.split(' ')
    if (holder !== '' && startOf(Number(pid)) !== started.join(' ')) {
      await rename(path, `${path}.${process.pid}`).then(
        () => rm(`${path}.${process.pid}`, { force: true }),
        () => undefined,
      )
      continue
    }
    if (!told) progress(`waiting for process ${pid}, which does the same (${path})`)
    told = true
    await sleep(250)
  }
  try {
    await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
