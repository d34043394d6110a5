/**
 * Looks at what a deletion of a tenant would remove, on request. A temporary RoleBinding lets the operator list the
 * namespace, so the first looks of a request may fail. Nothing is changed here.
 */
import { previewBindingName } from '../../api/names.ts'
import type { Contents, CountContents } from '../../kube/namespace-contents.ts'
import type { KubeReader } from '../../kube/port.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import type { DumpLookPorts } from './last-dump-facts.ts'
import { checkLive } from './live-check.ts'
import { readRecentDeletions } from './recent-deletions.ts'
import { ownNamespace } from '../removal/removal-actions.ts'
import { childId } from '../model/snapshot.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { DatabaseState, Preview } from '../model/live-facts.ts'

export interface PreviewPorts {
  readonly kube: KubeReader
  readonly caches: Pick<TenantCaches, 'tenants' | 'namespaces'>
  readonly contents: CountContents
  readonly dumps: DumpLookPorts['dumps']
}

type Facts = Pick<Snapshot, 'tenant' | 'identity' | 'names' | 'renaming' | 'namespace' | 'children' | 'settings'>

/** Looks after which a partial count is enough: the RoleBinding is missing, or its role is not the chart's. */
const vainLooks = 10
/** A kind that the role of the RoleBinding lists. */
const canary = 'ConfigMap'

export class DeletionPreviews {
  readonly #ports: PreviewPorts
  /** The number of failed looks, by uid. */
  readonly #looks = new Map<string, number>()

  constructor(ports: PreviewPorts) {
    this.#ports = ports
  }

  /** For this request. `databaseState` asks the server live. Throws KubeError. */
  readonly look = async (
    request: string,
    facts: Facts,
    databaseState: () => Promise<DatabaseState>,
  ): Promise<Preview> => {
    const { tenant, identity, settings, children } = facts
    const last = this.#count(identity.uid) > vainLooks
    const bound = children[childId('RoleBinding', previewBindingName)] !== undefined
    if (facts.namespace !== undefined && !bound && !last) return 'Waiting'
    const [live, found, recentDeletions] = await Promise.all([
      checkLive(tenant, facts, this.#ports.kube, settings),
      databaseState(),
      readRecentDeletions(settings, this.#ports),
    ])
    const namespace = ownNamespace(facts, live)
    const contents = namespace && (await this.#ports.contents(namespace.name))
    if (contents?.notCounted.includes(canary) === true && !last) return 'Waiting'
    const counted = contents && (bound ? withoutBinding(contents) : contents)
    const keepsDumps = this.#ports.dumps !== undefined
    return { request, databaseState: found, live, recentDeletions, contents: counted, keepsDumps }
  }

  /** The Tenant is gone, or has its answer. */
  forget(uid: string): void {
    this.#looks.delete(uid)
  }

  #count(uid: string): number {
    const looks = (this.#looks.get(uid) ?? 0) + 1
    this.#looks.set(uid, looks)
    return looks
  }
}

/** The RoleBinding goes with the answer. */
function withoutBinding({ counted, notCounted }: Contents): Contents {
  const others = counted.map((each) => (each.kind === 'RoleBinding' ? { ...each, count: each.count - 1 } : each))
  return { counted: others.filter(({ count }) => count > 0), notCounted }
}
