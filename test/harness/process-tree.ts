import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

interface Entry {
  readonly pid: number
  readonly parent: number
  /** Tells a process from a later one with the same pid. */
  readonly started: string
}

/** What tells this process from a later one with the same pid; undefined when there is none (or it is a zombie). */
export function startOf(pid: number): string | undefined {
  return existsSync('/proc/self/stat') ? fromProc(pid)?.started : snapshot().find((entry) => entry.pid === pid)?.started
}

/**
 * The pids of all processes below this one, children before grandchildren. Watchdogs (guard.ts) are left out: each has
 * to outlive the process that it cleans up after.
 */
export function descendantsOf(pid: number): number[] {
  const all = snapshot()
  const found: number[] = []
  let parents = new Set([pid])
  while (parents.size > 0) {
    const children = all
      .filter((entry) => parents.has(entry.parent))
      .map((entry) => entry.pid)
      .filter((child) => !isWatchdog(child))
    found.push(...children)
    parents = new Set(children)
  }
  return found
}

/** Sends a signal; a process that has already ended is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function isWatchdog(pid: number): boolean {
  try {
    const command = existsSync('/proc/self/stat')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
    return command.includes('/test/harness/watchdog.ts')
  } catch {
    return false
  }
}

function snapshot(): Entry[] {
  if (!existsSync('/proc/self/stat')) return fromPs()
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => fromProc(Number(pid)) ?? [])
}

/** proc_pid_stat(5). The second field is the command in parentheses and may hold blanks, so the rest is read after it. */
function fromProc(pid: number): Entry | undefined {
  let line: string
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  return { pid, parent: Number(fields[1]), started: fields[19] ?? '' }
}

function fromPs(): Entry[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,lstart='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const [, pid, parent, started] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid && parent && started ? [{ pid: Number(pid), parent: Number(parent), started }] : []
  })
}
