/** The demo from the first server to the last. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { DemoFailure } from './failure.ts'
import { follow } from './follow.ts'
import { preferredPort } from './ports.ts'
import { declareSamples } from './samples.ts'
import { declareInstallation, startServers } from './servers.ts'
import type { Servers } from './servers.ts'
import { step } from './step.ts'
import { summary } from './summary.ts'
import type { Terminal } from './terminal.ts'
import { startDemoOperator } from './operator.ts'
import { root, rootPassword } from './root.ts'
import type { OperatorProcess } from '../../test/harness/operator.ts'
import type { ServerProcess } from '../../test/harness/process.ts'
import { startWeb } from '../../test/harness/web.ts'
import type { WebProcess } from '../../test/harness/web.ts'

export interface Demo {
  readonly terminal: Terminal
  /** Ends it, wherever it is. */
  readonly signal: AbortSignal
  /** All is up. */
  readonly onUp: () => void
}

/** Resolves when it was ended and nothing is left. @throws DemoFailure, or what the signal aborts with */
export async function runDemo({ terminal, signal, onUp }: Demo): Promise<void> {
  const { paint } = terminal
  terminal.line('')
  terminal.line(
    `${paint(' Tenantry ', 'bold')} ${paint('an operator that gives each tenant a namespace and a database', 'dim')}`,
  )
  terminal.line('')
  const stack = new AsyncDisposableStack()
  const logs: Record<string, string> = {}
  const noteLog = ({ name, logPath }: ServerProcess): void => void (logs[name] = logPath)
  try {
    const { servers, operator, web, password } = await unlessAborted(signal, start(terminal, stack, noteLog))
    onUp()
    for (const text of summary(servers, { operator, web, password }, terminal)) terminal.line(text)
    await until(signal, servers, { operator, web }, terminal)
  } catch (error) {
    if (signal.aborted) throw error
    throw new DemoFailure(error, await contents(logs))
  } finally {
    await end(terminal, stack)
  }
}

async function start(terminal: Terminal, stack: AsyncDisposableStack, noteLog: (server: ServerProcess) => void) {
  const ports = { mailbox: await preferredPort(1080, 'the mailbox'), web: await preferredPort(8080, 'the console') }
  const servers = await startServers(terminal, ports.mailbox.port, stack, noteLog)
  await step(terminal, 'Installing Tenantry: its kinds, rights and policies', () => declareInstallation(servers, stack))
  const { operator, web, password } = await step(terminal, 'Starting the operator and the pages', async () => {
    const pages = stack.use(await startWeb({ cluster: servers.cluster, port: ports.web.port, signIn: { root } }))
    noteLog(pages.process)
    const started = stack.use(await startDemoOperator(servers, pages))
    noteLog(started.process)
    return { operator: started, web: pages, password: await rootPassword(servers.cluster) }
  })
  await step(terminal, 'Declaring an MSP and its customer', (detail) => declareSamples(servers.cluster, detail))
  for (const { notice } of Object.values(ports)) {
    if (notice !== undefined) terminal.line(`${terminal.paint('!', 'yellow')} ${notice}`)
  }
  return { servers, operator, web, password }
}

/** Tells what happens until the signal; a server that ends by itself is a failure. */
async function until(
  signal: AbortSignal,
  { cluster, postgres, mailbox }: Servers,
  { operator, web }: { readonly operator: OperatorProcess; readonly web: WebProcess },
  terminal: Terminal,
): Promise<void> {
  const ended = [operator.process, web.process, postgres.server, mailbox.process].map(async (server) => {
    await server.exited
    if (!signal.aborted) server.assertAlive()
  })
  const following = follow(cluster, operator.logs, terminal, signal)
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), ...ended])
  await following
}

/** What is still starting when the demo is ended is not waited for: it ends with this process, by the watchdog. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = once(signal, 'abort').then(() => Promise.reject(new Error('The demo was ended.')))
  return Promise.race([work, aborted])
}

async function end(terminal: Terminal, stack: AsyncDisposableStack): Promise<void> {
  terminal.close()
  terminal.line('')
  const shown = terminal.step('Ending everything')
  await stack.disposeAsync().then(
    () => shown.done('nothing is left'),
    (error: unknown) => {
      shown.failed()
      throw error
    },
  )
}

async function contents(paths: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const read = Object.entries(paths).map(async ([name, path]) => [name, await readFile(path, 'utf8').catch(String)])
  return Object.fromEntries((await Promise.all(read)) as [string, string][])
}
