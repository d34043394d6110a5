/** Dumps in a bucket of an S3 server: uploaded in parts from a file, the manifest last. */
import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { Agent } from 'node:https'

import type { S3Client } from '@aws-sdk/client-s3'

import { fileError } from './file.ts'
import type { DumpTarget } from './port.ts'
import { formatRecord, manifestPath, parseRecord } from './record.ts'
import type { DumpRecord } from './record.ts'
import { s3Error } from './s3-error.ts'

export interface S3Settings {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** The prefix of every key; with a slash at its end to make it a folder. */
  readonly prefix: string
  /** The bucket in the path and not in the host name. */
  readonly pathStyle: boolean
  readonly accessKey: string
  readonly secretKey: string
  /** Certificates to trust (PEM); undefined: the system's. */
  readonly ca: string | undefined
  /** A folder of this machine for the dump while it is verified. */
  readonly scratchFolder: string
}

/** Milliseconds for a connection, and for an answer to one request. */
const limits = { connectionTimeout: 10_000, requestTimeout: 120_000 }

/** The least that a part may have is 5 MiB, and there are at most 10,000 (S3's own limits). */
const partSize = (bytes: number) => Math.max(16 * 1024 * 1024, Math.ceil(bytes / 9_000))

interface Bucket {
  readonly client: S3Client
  readonly name: string
  readonly key: (path: string) => string
}

export function createS3Target(settings: S3Settings): DumpTarget {
  let made: Promise<Bucket> | undefined
  const bucket = () => (made ??= connect(settings))
  return {
    workFolder: async () => {
      try {
        await mkdir(settings.scratchFolder, { recursive: true, mode: 0o700 })
        return settings.scratchFolder
      } catch (error) {
        throw fileError(error)
      }
    },
    find: (path, signal) => attempt(signal, async () => find(await bucket(), path, signal)),
    isThere: (path, signal) => attempt(signal, async () => (await find(await bucket(), path, signal)) !== undefined),
    keep: (file, record, path, signal) =>
      attempt(signal, async () => keep(await bucket(), { file, record, path }, signal)),
  }
}

/** The library is loaded when it is first needed: most installations never need it, and it is large. */
async function connect(settings: S3Settings): Promise<Bucket> {
  const { S3Client: Client } = await import('@aws-sdk/client-s3')
  const { endpoint, region, pathStyle, accessKey, secretKey, ca } = settings
  const client = new Client({
    endpoint,
    region,
    forcePathStyle: pathStyle,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    maxAttempts: 3,
    // Not every server knows the newer checksums; the digest is in the manifest and in the object's metadata.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { ...limits, ...(ca === undefined ? {} : { httpsAgent: new Agent({ ca, keepAlive: true }) }) },
  })
  return { client, name: settings.bucket, key: (path) => `${settings.prefix}${path}` }
}

async function attempt<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    throw s3Error(error)
  }
}

async function find({ client, name, key }: Bucket, path: string, abortSignal: AbortSignal) {
  const { GetObjectCommand, HeadObjectCommand } = await import('@aws-sdk/client-s3')
  const manifest = { Bucket: name, Key: key(manifestPath(path)) }
  const got = await ifThere(client.send(new GetObjectCommand(manifest), { abortSignal }))
  const record = parseRecord((await got?.Body?.transformToString('utf8')) ?? '')
  if (record === undefined) return undefined
  const head = await ifThere(client.send(new HeadObjectCommand({ Bucket: name, Key: key(path) }), { abortSignal }))
  return head?.ContentLength === record.bytes && head.Metadata?.['sha256'] === record.sha256 ? record : undefined
}

/** A missing bucket is no missing object. */
async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound')) return undefined
    throw error
  }
}

interface Kept {
  readonly file: string
  readonly record: DumpRecord
  readonly path: string
}

async function keep(bucket: Bucket, { file, record, path }: Kept, abortSignal: AbortSignal): Promise<void> {
  const { client, name, key } = bucket
  const { DeleteObjectCommand, PutObjectCommand } = await import('@aws-sdk/client-s3')
  const manifest = { Bucket: name, Key: key(manifestPath(path)) }
  await client.send(new DeleteObjectCommand(manifest), { abortSignal })
  await endUnfinished(bucket, path, abortSignal)
  await upload(bucket, { file, record, path }, abortSignal)
  const body = { Body: formatRecord(record), ContentType: 'application/json' }
  await client.send(new PutObjectCommand({ ...manifest, ...body }), { abortSignal })
}

/** Unfinished parts from a crash cost money and are invisible. */
async function endUnfinished({ client, name, key }: Bucket, path: string, abortSignal: AbortSignal): Promise<void> {
  const { AbortMultipartUploadCommand, ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3')
  const Key = key(path)
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: name, Prefix: Key }), {
    abortSignal,
  })
  for (const { UploadId } of Uploads.filter((each) => each.Key === Key))
    await client.send(new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId }), { abortSignal })
}

async function upload({ client, name, key }: Bucket, { file, record, path }: Kept, signal: AbortSignal): Promise<void> {
  const { Upload } = await import('@aws-sdk/lib-storage')
  const going = new Upload({
    client,
    params: {
      Bucket: name,
      Key: key(path),
      Body: createReadStream(file),
      ContentType: 'application/octet-stream',
      Metadata: { sha256: record.sha256 },
    },
    partSize: partSize(record.bytes),
    queueSize: 2,
  })
  const abort = () => void going.abort().catch(() => undefined)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await going.done()
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
