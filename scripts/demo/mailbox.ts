/** maildev: takes every mail, delivers none, and shows them to a browser. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../test/harness/folder.ts'
import { serveWithLinks } from './mail-links.ts'
import { freePort } from '../../test/harness/port.ts'
import { startProcess } from '../../test/harness/process.ts'
import type { ServerProcess } from '../../test/harness/process.ts'
import { eventually } from '../../test/harness/wait.ts'

export interface Mailbox extends AsyncDisposable {
  readonly process: ServerProcess
  /** Of the page with the mails. */
  readonly url: string
  readonly smtpPort: number
}

/** Starts it on the loopback, its page on `webPort`. It lives no longer than the calling process. */
export async function startMailbox(webPort: number): Promise<Mailbox> {
  const entry = fileURLToPath(new URL('bin/maildev.js', import.meta.resolve('maildev')))
  const folder = await temporaryFolder('mailbox')
  const smtpPort = await freePort()
  const inner = await freePort()
  const url = `http://127.0.0.1:${webPort}`
  const smtp = ['--smtp', String(smtpPort), '--ip', '127.0.0.1']
  const web = ['--web', String(inner), '--web-ip', '127.0.0.1']
  const running = await startProcess({
    name: 'the mailbox',
    command: process.execPath,
    args: [entry, ...smtp, ...web],
    logPath: join(folder.path, 'mailbox.log'),
    // Without the person's own MAILDEV_ variables, in a folder without a configuration file, where its mails lie too.
    env: { PATH: process.env['PATH'], HOME: folder.path, TMPDIR: folder.path },
    cwd: folder.path,
  })
  const stack = new AsyncDisposableStack()
  stack.defer(() => folder.remove())
  stack.defer(() => running.stop({ timeout: 2000 }))
  const dispose = () => stack.disposeAsync()
  try {
    stack.use(await serveWithLinks(webPort, inner))
    const page = { headers: { accept: 'text/html' } }
    const answers = async () => (await fetch(url, { ...page, signal: AbortSignal.timeout(2000) })).ok
    const ended = running.exited.then(() => running.assertAlive())
    await Promise.race([ended, eventually(answers, { timeout: 60_000, describe: 'the mailbox to answer' })])
  } catch (error) {
    await dispose()
    throw error
  }
  return { process: running, url, smtpPort, [Symbol.asyncDispose]: dispose }
}
