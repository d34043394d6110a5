/**
 * Moves the acceptances and the signing keys from the operator's namespace, where versions before 0.2 kept them, to the
 * namespace of the pages (docs/decisions/0040-pages-apart.md).
 */
import { writeLine } from '../api/log-lines.ts'
import type { LineWriter } from '../api/log-lines.ts'
import { acceptanceSecretType, signingKeysSecretType } from '../api/names.ts'
import { createUnlessThere } from '../kube/create-unless-there.ts'
import type { Kube } from '../kube/port.ts'
import { secrets } from '../kube/resources.ts'
import type { Secret } from '../kube/resources.ts'
import type { Clock } from '../runtime/base/clock.ts'
import { mapConcurrently } from '../runtime/base/concurrency.ts'
import type { Cache } from '../runtime/cache/cache.ts'
import { fromKey } from '../runtime/objects/object.ts'
import { done } from '../runtime/queue/reconcile.ts'
import type { Key, Reconcile } from '../runtime/queue/reconcile.ts'
import { withFormerKeys } from '../tenantadmin/invite/keyring.ts'

export interface FormerRecordPorts {
  readonly caches: { readonly formerRecords: Pick<Cache<Key>, 'keys'> }
  readonly kube: Pick<Kube, 'get' | 'create' | 'replace' | 'delete'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: LineWriter
}

/** Records that are moved at a time. */
const width = 16

/**
 * Moves all records that the cache knows: before anything else is decided, as an acceptance that is not in its place
 * does not count. @throws KubeError
 */
export async function moveFormerRecords(
  ports: FormerRecordPorts,
  webNamespace: string,
  signal: AbortSignal,
): Promise<void> {
  const keys = [...ports.caches.formerRecords.keys()]
  if (keys.length === 0) return
  await mapConcurrently(keys, width, (key) => move(key, ports, webNamespace), signal)
  writeLine(ports.log, 'Installation', 'RecordsMoved', { why: 'upgrade', count: keys.length, namespace: webNamespace })
}

/** For a record that a process of the earlier version made meanwhile. */
export function createFormerRecordReconciler(ports: FormerRecordPorts, webNamespace: string): Reconcile {
  return async (key) => {
    await move(key, ports, webNamespace)
    return done
  }
}

/** The copy comes first: at any moment there is at least one of the two. */
async function move(key: Key, { kube, clock }: FormerRecordPorts, webNamespace: string): Promise<void> {
  const former = await kube.get(secrets, fromKey(key))
  if (former === undefined || ![acceptanceSecretType, signingKeysSecretType].includes(former.type ?? '')) return
  const created = await createUnlessThere(kube, secrets, copyIn(webNamespace, former))
  if (created === undefined && former.type === signingKeysSecretType) {
    const there = await kube.get(secrets, { namespace: webNamespace, name: former.metadata.name })
    const merged = there === undefined ? undefined : withFormerKeys(there, former, clock.now())
    if (merged !== undefined) await kube.replace(secrets, merged)
  }
  await kube.delete(secrets, fromKey(key), { uid: former.metadata.uid ?? '' })
}

function copyIn(namespace: string, { metadata, type, immutable, data }: Secret): Secret {
  const { name, labels = {}, annotations = {} } = metadata
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    ...(type === undefined ? {} : { type }),
    ...(immutable === undefined ? {} : { immutable }),
    metadata: { name, namespace, labels, annotations },
    ...(data === undefined ? {} : { data }),
  }
}
