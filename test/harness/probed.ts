/** A process with the probes of operator/runtime/process/health.ts. */
import { readFile } from 'node:fs/promises'
import type { ServerProcess } from './process.ts'
import { eventually } from './wait.ts'

export interface Probed {
  /** The status and body of one of its pages for probes. */
  probe(path: '/healthz' | '/readyz' | '/metrics'): Promise<{ readonly status: number; readonly body: string }>
  /** Milliseconds from its start until it was ready. @throws TimeoutError, or an Error with the end of its log */
  ready(timeout?: number): Promise<number>
}

/** `health`: `http://127.0.0.1:<port>`. `started`: by performance.now(). */
export function probed(running: ServerProcess, health: string, started: number): Probed {
  const probe: Probed['probe'] = async (path) => {
    // Many ask once: a machine that stands still for a moment is no answer.
    const response = await fetch(health + path, { signal: AbortSignal.timeout(20_000) })
    return { status: response.status, body: await response.text() }
  }
  return {
    probe,
    async ready(timeout = 60_000) {
      const isReady = async () => (await probe('/readyz')).status === 200
      const ended = running.exited.then(() => running.assertAlive())
      const waiting = eventually(isReady, { timeout, interval: 10, describe: `${running.name} to be ready` })
      await Promise.race([ended, waiting]).catch(async (cause: unknown) => {
        const log = (await readFile(running.logPath, 'utf8')).trimEnd().split('\n').slice(-20).join('\n')
        throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${log}`, { cause })
      })
      return performance.now() - started
    },
  }
}
