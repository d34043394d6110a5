import test from 'ava'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../harness/folder.ts'
import { startOf } from '../../harness/process-tree.ts'
import { startProcess } from '../../harness/process.ts'
import { eventually } from '../../harness/wait.ts'

test('a process that ends by itself is told with the end of its log', async (t) => {
  const folder = await temporaryFolder('unit')
  t.teardown(() => folder.remove())
  const logPath = join(folder.path, 'log')
  const child = await startProcess({ name: 'a shell', command: 'sh', args: ['-c', 'echo went wrong; exit 3'], logPath })
  t.is(await child.exited, 3)
  t.throws(() => child.assertAlive(), { message: 'a shell has ended (3). The end of its log:\nwent wrong' })
  await child.stop()
})

test('one that ignores SIGTERM is killed after the timeout', async (t) => {
  const folder = await temporaryFolder('unit')
  t.teardown(() => folder.remove())
  const script = `process.on('SIGTERM', () => undefined); console.log('ready'); setInterval(() => undefined, 1000)`
  const logPath = join(folder.path, 'log')
  const child = await startProcess({ name: 'stubborn', command: process.execPath, args: ['-e', script], logPath })
  await eventually(() => readFileSync(logPath, 'utf8').includes('ready'))
  await child.stop({ timeout: 50 })
  t.is(await child.exited, 'SIGKILL')
})

test('a paused one can be stopped', async (t) => {
  const folder = await temporaryFolder('unit')
  t.teardown(() => folder.remove())
  const logPath = join(folder.path, 'log')
  const child = await startProcess({ name: 'sleep', command: 'sleep', args: ['100'], logPath })
  child.pause()
  await child.stop()
  t.is(await child.exited, 'SIGTERM')
})

test('what cannot be started is an error that names it', async (t) => {
  const folder = await temporaryFolder('unit')
  t.teardown(() => folder.remove())
  const options = { name: 'nothing', command: '/nonexistent', args: [], logPath: join(folder.path, 'log') }
  await t.throwsAsync(startProcess(options), { message: /^nothing could not be started: / })
})

const started = `
  import { temporaryFolder } from ${JSON.stringify(new URL('../../harness/folder.ts', import.meta.url).href)}
  import { startProcess } from ${JSON.stringify(new URL('../../harness/process.ts', import.meta.url).href)}
  const folder = await temporaryFolder('unit')
  const child = await startProcess({ name: 'sh', command: 'sh', args: ['-c', 'sleep 100 & wait'], logPath: folder.path + '/log' })
  console.log(JSON.stringify({ pid: child.pid, folder: folder.path }))
`

test('children and folders go when their parent is killed with SIGKILL', async (t) => {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', started], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let line = ''
  parent.stdout.setEncoding('utf8').on('data', (chunk: string) => (line += chunk))
  await eventually(() => line.includes('\n'), { describe: 'the parent to have started its child' })
  const { pid, folder } = JSON.parse(line) as { pid: number; folder: string }
  t.truthy(startOf(pid))
  t.true(existsSync(folder))
  parent.kill('SIGKILL')
  await eventually(() => startOf(pid) === undefined && !existsSync(folder), { describe: 'the watchdog to clean up' })
  t.pass()
})
