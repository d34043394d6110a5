import { open } from 'node:fs/promises'

/** What we read of an `audit.k8s.io/v1` Event at level Metadata, stage ResponseComplete. */
export interface AuditEvent {
  readonly verb: string
  readonly user: string
  /** Which of the user's tokens: `JTI=…` for one of a ServiceAccount. */
  readonly credential: string
  readonly userAgent: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** The HTTP status of the answer. */
  readonly status: number
  readonly uri: string
  /** When it was answered; RFC 3339 with microseconds. */
  readonly at: string
  /** When it was received, likewise. */
  readonly receivedAt: string
}

/** A place in the log and the time (milliseconds since the epoch): what was received before it does not count. */
export interface AuditMark {
  readonly offset: number
  readonly at: number
}

export interface AuditLog {
  readonly path: string
  /** Now: what is on its way, and is seen by others before it is in the log, counts as before. */
  mark(): Promise<AuditMark>
  /** All requests that were answered since then, in their order. */
  events(since?: AuditMark): Promise<AuditEvent[]>
  /** Those of them that changed something: create, update, patch, delete, deletecollection, with a status below 300; no dry run. */
  writes(since?: AuditMark): Promise<AuditEvent[]>
}

/** Every request by its metadata (never its body: Secrets pass by), once, when it is answered. */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'Metadata' }],
}

const writeVerbs: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

/**
 * Reads the log of a kube-apiserver that writes it with `--audit-log-mode blocking`: a request is in it before its
 * client has the answer.
 */
export function auditLog(path: string): AuditLog {
  const events = async (since: AuditMark = { offset: 0, at: 0 }): Promise<AuditEvent[]> => {
    const text = await readFrom(path, since.offset)
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map(parse)
      .filter(({ receivedAt }) => Date.parse(receivedAt) >= since.at)
  }
  return {
    path,
    async mark() {
      const file = await open(path)
      try {
        return { offset: (await file.stat()).size, at: Date.now() }
      } finally {
        await file.close()
      }
    },
    events,
    async writes(since) {
      return (await events(since)).filter(isWrite)
    },
  }
}

function isWrite({ verb, status, uri }: AuditEvent): boolean {
  return writeVerbs.has(verb) && status < 300 && !/[?&]dryRun=All/.test(uri)
}

/** How often each value of `by` occurs, the most frequent first. */
export function countBy(events: readonly AuditEvent[], by: (event: AuditEvent) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const event of events) counts.set(by(event), (counts.get(by(event)) ?? 0) + 1)
  return new Map([...counts].toSorted(([, one], [, other]) => other - one))
}

async function readFrom(path: string, offset: number): Promise<string> {
  const file = await open(path)
  try {
    const size = (await file.stat()).size - offset
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size)), 0, Math.max(0, size), offset)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

interface RawEvent {
  readonly verb: string
  readonly requestURI: string
  readonly user?: { readonly username?: string; readonly extra?: Readonly<Record<string, readonly string[]>> }
  readonly userAgent?: string
  readonly objectRef?: Partial<Record<'resource' | 'subresource' | 'namespace' | 'name', string>>
  readonly responseStatus?: { readonly code?: number }
  readonly stageTimestamp: string
  readonly requestReceivedTimestamp: string
}

function parse(line: string): AuditEvent {
  const raw = JSON.parse(line) as RawEvent // written by kube-apiserver, whose schema is fixed
  const { resource = '', subresource = '', namespace = '', name = '' } = raw.objectRef ?? {}
  return {
    verb: raw.verb,
    user: raw.user?.username ?? '',
    credential: raw.user?.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '',
    userAgent: raw.userAgent ?? '',
    resource,
    subresource,
    namespace,
    name,
    status: raw.responseStatus?.code ?? 0,
    uri: raw.requestURI,
    at: raw.stageTimestamp,
    receivedAt: raw.requestReceivedTimestamp,
  }
}
