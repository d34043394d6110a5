/**
 * AVA loads this in the process of each test file (ava.config.js): one that hangs, or leaves something open, is ended, and AVA
 * names it. AVA's own limit is for the quiet of all files together, and counts no more once it fell into the longer time of one test.
 */
import { registerCompletionHandler } from 'ava'

/** Milliseconds: long enough for the crash sample on a machine that does much else. */
const limit = Number(process.env['TENANTRY_TEST_FILE_LIMIT'] ?? 20 * 60_000)

/** Milliseconds after the last test, in which its process ends by itself unless something was left open. */
const grace = Number(process.env['TENANTRY_TEST_FILE_GRACE'] ?? 60_000)

setTimeout(() => cut(`has not ended within ${limit / 1000} s`), limit).unref()
registerCompletionHandler(() => {
  setTimeout(() => cut(`has left something open: ${grace / 1000} s after its end it is still there`), grace).unref()
})

function cut(what: string): void {
  console.error(`This test file ${what}. What holds its process:\n${held().join('\n')}`)
  process.kill(process.pid, 'SIGKILL')
}

/** A handle of libuv as a diagnostic report has it (nodejs.org/api/report.html). */
interface Handle {
  readonly type: string
  readonly is_active?: boolean
  readonly is_referenced?: boolean
  readonly pid?: number
  readonly remoteEndpoint?: { readonly host: string; readonly port: number } | null
  readonly localEndpoint?: { readonly host: string; readonly port: number } | null
}

/** Names of hosts are not looked up: that takes time, in which the process answers nobody. */
export function held(): readonly string[] {
  Object.assign(process.report, { excludeNetwork: true })
  const { libuv } = process.report.getReport() as { readonly libuv: readonly Handle[] }
  return libuv
    .filter((handle) => handle.is_active === true && handle.is_referenced === true)
    .map(({ type, pid, remoteEndpoint, localEndpoint }) => {
      const ends = [localEndpoint, remoteEndpoint].map((end) => (end ? `${end.host}:${end.port}` : '')).filter(Boolean)
      return ['  ' + type, ...(pid === undefined ? [] : [`process ${pid}`]), ...ends].join(' ')
    })
}
