/** etcd over the JSON form of its gRPC API (https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/). */

export interface Etcd {
  readonly url: string
  /** All keys below this prefix with their raw values (Kubernetes writes protobuf for its own kinds, JSON for CRs). */
  range(prefix: string): Promise<{ key: string; value: Buffer }[]>
  /** Writes these keys, as `range` has read them elsewhere. */
  write(pairs: readonly { readonly key: string; readonly value: Buffer }[]): Promise<void>
  /** The newest revision: what a resourceVersion of Kubernetes counts. */
  revision(): Promise<number>
  /**
   * Forgets all revisions before the newest. A watch that resumes from an older one gets 410, once kube-apiserver
   * restarts and its watch cache has forgotten too.
   */
  compact(): Promise<void>
}

interface Answer {
  readonly header?: { readonly revision?: string }
  readonly kvs?: readonly { readonly key: string; readonly value?: string }[]
}

/** In one transaction (etcd's default --max-txn-ops). */
const mostOperations = 128

export function etcdAt(url: string): Etcd {
  const call = async (path: string, body: object): Promise<Answer> => {
    const response = await fetch(`${url}/v3/kv/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      // All that a cluster holds may be asked for at once.
      signal: AbortSignal.timeout(60_000),
    })
    if (!response.ok) throw new Error(`etcd answered ${response.status} to ${path}: ${await response.text()}`)
    return (await response.json()) as Answer // etcd's own schema, etcdserverpb
  }
  const revision = async (): Promise<number> => {
    const { header } = await call('range', { key: base64('\0'), limit: 1 })
    return Number(header?.revision)
  }
  return {
    url,
    revision,
    async range(prefix) {
      const { kvs = [] } = await call('range', { key: base64(prefix), range_end: base64(endOf(prefix)) })
      return kvs.map(({ key, value = '' }) => ({
        key: Buffer.from(key, 'base64').toString(),
        value: Buffer.from(value, 'base64'),
      }))
    },
    async write(pairs) {
      const puts = pairs.map(({ key, value }) => ({
        requestPut: { key: base64(key), value: value.toString('base64') },
      }))
      for (let done = 0; done < puts.length; done += mostOperations)
        await call('txn', { success: puts.slice(done, done + mostOperations) })
    },
    async compact() {
      await call('compaction', { revision: String(await revision()), physical: true })
    },
  }
}

/** The first key after all keys with this prefix: the prefix with its last byte one higher. */
function endOf(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
