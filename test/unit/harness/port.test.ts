import test from 'ava'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { claimPort, freePort } from '../../harness/port.ts'

const run = promisify(execFile)
const module = join(import.meta.dirname, '..', '..', 'harness', 'port.ts')

/** Whether another process, which ends thereafter, gets this port. */
async function othersGet(port: number): Promise<boolean> {
  const script = `import { claimPort } from ${JSON.stringify(module)}; process.stdout.write(String(await claimPort(${port})))`
  return (await run(process.execPath, ['--input-type=module', '-e', script])).stdout === 'true'
}

/** Elsewhere there are no abstract sockets, so no port is reserved: only the range of the process divides the ports. */
const onLinux = process.platform === 'linux' ? test : test.skip

onLinux('a port is given to no other process, though nothing listens on it yet', async (t) => {
  t.false(await othersGet(await freePort()))
})

onLinux('a port of a process that has ended is free again', async (t) => {
  // None that anybody else asks for.
  const port = 100_000 + process.pid
  t.true(await othersGet(port))
  t.true(await claimPort(port))
})
