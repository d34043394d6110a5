import { readFileSync } from 'node:fs'
import { startOf } from '../../test/harness/process-tree.ts'

/**
 * Calls back once when the process that ran this one has ended: a SIGKILL of npm says nothing to its children. npm may
 * have a shell in between, so its own pid is watched too where it can be found.
 */
export function onParentGone(gone: () => void): void {
  const started = process.ppid
  const watched = [started, grandparent(started)].filter((pid) => pid !== undefined)
  const marks = new Map(watched.map((pid) => [pid, startOf(pid)]))
  const timer = setInterval(() => {
    if (process.ppid === started && [...marks].every(([pid, mark]) => startOf(pid) === mark)) return
    clearInterval(timer)
    gone()
  }, 250)
  timer.unref()
}

/** Only under npm, and only where /proc tells: the shell of an npm script ends with it. */
function grandparent(pid: number): number | undefined {
  if (process.env['npm_lifecycle_event'] === undefined) return undefined
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    if (!/^(\/bin\/)?(sh|bash|dash)\0/.test(command)) return undefined
    return Number(fields.slice(fields.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
