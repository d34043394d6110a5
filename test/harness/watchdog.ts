/** The process at the other end of guard.ts's pipe. It writes nothing, and ends with the pipe. */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Order } from './guard.ts'
import { descendantsOf, signal, startOf } from './process-tree.ts'

const processes = new Map<number, string>()
const folders = new Set<string>()

function obey(order: Order): void {
  if ('guard' in order && order.guard === 'process') processes.set(order.pid, order.started)
  else if ('guard' in order) folders.add(order.path)
  else if (order.release === 'process') processes.delete(order.pid)
  else folders.delete(order.path)
}

/** The last started first, so that a server's clients go before it. */
function kill(): number[] {
  const roots = [...processes].toReversed().filter(([pid, started]) => started !== '' && startOf(pid) === started)
  const killed: number[] = []
  for (const [pid] of roots) {
    // Stopped first, so that it starts no child between the look at its descendants and its end.
    signal(pid, 'SIGSTOP')
    const tree = [pid, ...descendantsOf(pid)]
    for (const member of tree) signal(member, 'SIGKILL')
    killed.push(...tree)
  }
  return killed
}

for await (const line of createInterface({ input: process.stdin })) obey(JSON.parse(line) as Order) // our own writing
const killed = kill()
for (let turn = 0; turn < 100 && killed.some((pid) => startOf(pid) !== undefined); turn++) await sleep(20)
for (const path of folders) rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
