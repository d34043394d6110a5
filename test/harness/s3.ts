import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { versitygwBinary } from './binaries.ts'
import type { Progress } from './binaries.ts'
import { createAuthority } from './certificate.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'
import { startProcess } from './process.ts'
import type { ServerProcess } from './process.ts'
import { eventually } from './wait.ts'

/** An S3 server with one bucket, by TLS. */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string
  readonly ca: string
  readonly region: string
  readonly bucket: string
  readonly accessKey: string
  readonly secretKey: string
  readonly server: ServerProcess
  /** The keys in the bucket, sorted; uploads that were not finished too, under `.sgwtmp`. */
  keys(): Promise<readonly string[]>
  object(key: string): Promise<Buffer>
  stop(): Promise<void>
}

/**
 * Starts versitygw on a free port of the loopback (built first where it is missing): an S3 server, in Go and pinned as a
 * module, whose objects are files. It lives no longer than the calling process.
 */
export async function startS3(onProgress: Progress = () => undefined): Promise<S3Server> {
  const command = await versitygwBinary(onProgress)
  await using stack = new AsyncDisposableStack()
  const folder = await temporaryFolder('s3')
  stack.defer(() => folder.remove())
  const [root, bucket, port] = [join(folder.path, 'root'), 'dumps', await freePort()]
  const [meta, at] = [join(folder.path, 'meta'), join(root, bucket)]
  await mkdir(at, { recursive: true })
  await mkdir(meta)
  const authority = createAuthority('Tenantry test S3')
  const { certificate, key } = authority.issue('s3', ['localhost', '127.0.0.1'])
  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder.path, name), content, { mode: 0o600 })
    return join(folder.path, name)
  }
  const account = { accessKey: 'tenantry', secretKey: randomBytes(18).toString('base64url') }
  const tls = ['--cert', await file('s3.crt', certificate), '--key', await file('s3.key', key)]
  const server = await startProcess({
    name: 'versitygw',
    command,
    // Metadata in files: not every file system has extended attributes.
    args: ['--port', `127.0.0.1:${port}`, ...tls, '--quiet', 'posix', '--sidecar', meta, root],
    logPath: join(folder.path, 's3.log'),
    env: { PATH: process.env['PATH'], ROOT_ACCESS_KEY: account.accessKey, ROOT_SECRET_KEY: account.secretKey },
  })
  stack.defer(() => server.stop())
  await eventually(() => answers(server, port), { describe: 'versitygw to answer' })
  const started = stack.move()
  const stop = (): Promise<void> => started.disposeAsync()
  return {
    endpoint: `https://localhost:${port}`,
    ca: authority.certificate,
    region: 'us-east-1',
    bucket,
    ...account,
    server,
    keys: async () => (await filesIn(at)).toSorted(),
    object: (key_) => readFile(join(at, key_)),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function answers(server: ServerProcess, port: number): Promise<boolean> {
  server.assertAlive()
  const { connect } = await import('node:net')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
