/**
 * `npm run demo`: Tenantry with all that it needs, on this machine, until Ctrl-C: a control plane, PostgreSQL, a mailbox
 * for a browser, the operator with the chart's rights, an MSP and one of its customers. Nothing is left behind.
 */
import { constants } from 'node:os'
import { runDemo } from './demo/run.ts'
import { parseArguments, usage } from './demo/arguments.ts'
import { writeFailure } from './demo/failure.ts'
import { onParentGone } from './demo/parent.ts'
import { createTerminal } from './demo/terminal.ts'

const options = parseArguments(process.argv.slice(2), process.env, process.stdout.isTTY)
if (options.kind === 'Help') {
  console.log(usage)
  process.exit(0)
}
if (options.kind === 'Wrong') {
  console.error(options.sentence)
  process.exit(2)
}

const terminal = createTerminal(process.stdout, options)
const stopping = new AbortController()
let up = false
let exitCode = 0

/** Ctrl-C is the way to end a demo that is up, so that is a success. A second one does not wait for the servers. */
function end(code: number): void {
  if (stopping.signal.aborted) process.exit(128 + constants.signals.SIGINT)
  exitCode = code
  stopping.abort()
}
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => end(name === 'SIGINT' && up ? 0 : 128 + constants.signals[name]))
onParentGone(() => end(128 + constants.signals.SIGHUP))
process.stdout.on('error', () => end(128 + constants.signals.SIGPIPE))

try {
  await runDemo({ terminal, signal: stopping.signal, onUp: () => (up = true) })
} catch (error) {
  if (!stopping.signal.aborted) {
    exitCode = 1
    await writeFailure(terminal, error)
  }
}
terminal.close()
process.exit(exitCode)
