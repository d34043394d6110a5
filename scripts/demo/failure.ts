import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Terminal } from './terminal.ts'

/** A failure with what the servers had written by then, which is gone with them a moment later. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure'
  readonly logs: Readonly<Record<string, string>>
  constructor(cause: unknown, logs: Readonly<Record<string, string>>) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.logs = logs
  }
}

/** One sentence for people, and a file with all the rest. */
export async function writeFailure(terminal: Terminal, error: unknown): Promise<void> {
  const { paint } = terminal
  const [sentence = 'unknown'] = (error instanceof Error ? error.message : String(error)).split('\n')
  const path = join(tmpdir(), `tenantry-demo-${process.pid}.log`)
  const parts = [terminal.transcript(), stackOf(error), ...logsOf(error)]
  const written = await writeFile(path, parts.join('\n\n'), { mode: 0o600 }).then(
    () => true,
    () => false,
  )
  terminal.line('')
  terminal.line(`${paint('✘', 'red')} ${paint('The demo ended:', 'bold')} ${sentence}`)
  if (written) terminal.line(`  The log is ${path}`)
}

function stackOf(error: unknown): string {
  const chain: string[] = []
  for (let each = error; each instanceof Error && chain.length < 5; each = each.cause)
    chain.push(each.stack ?? each.message)
  return chain.join('\ncaused by: ')
}

function logsOf(error: unknown): string[] {
  if (!(error instanceof DemoFailure)) return []
  return Object.entries(error.logs).map(([name, text]) => `── ${name}\n${text}`)
}
