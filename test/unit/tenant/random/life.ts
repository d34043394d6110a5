/** A world that a random life is led in, and what of it cannot be read from the world afterwards. */
import { labels } from '../../../../operator/api/names.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import type { TenantAdmin } from '../../../../operator/api/tenantadmin.ts'
import type { KubeObject } from '../../../../operator/kube/port.ts'
import type { Secret } from '../../../../operator/kube/resources.ts'
import { DumpError } from '../../../../operator/dump/port.ts'
import { databaseServer } from '../../../gen.ts'
import { dumpRecord } from '../../dump/gen.ts'
import { ground } from '../world.ts'

export const keys = ['home/acme', 'home/globex', 'tenant-acme/initech'] as const
export type TenantKey = (typeof keys)[number]

export const nameOf = (key: TenantKey) => key.slice(key.indexOf('/') + 1)
export const namespaceOf = (key: TenantKey) => key.slice(0, key.indexOf('/'))

export class Life {
  readonly world = ground()
  /**
   * Whose data stays on purpose, as `uid` → `namespace/name`: a Tenant that goes only because the namespace it lies in goes
   * was not meant, and one with policy Retain is to be kept.
   */
  readonly outliving = new Map<string, string>()
  dumpsFail = false
  /** How often somebody wrote to an object that is not ours. */
  readonly trespasses: string[] = []

  constructor() {
    this.world.dumps = {
      take: () => {
        if (this.dumpsFail) throw new DumpError('TargetUnavailable', 'no answer')
        return dumpRecord
      },
      isThere: async () => true,
    }
  }

  find(key: TenantKey): Tenant | undefined {
    return this.world.cluster.find<Tenant>('Tenant', key)
  }

  tenants(): readonly Tenant[] {
    return this.world.cluster.all<Tenant>('Tenant')
  }

  edit(key: TenantKey, spec: object): void {
    if (this.find(key) !== undefined) this.world.edit({ ...spec }, key)
  }

  outlives({ metadata }: Tenant): void {
    this.outliving.set(metadata.uid ?? '', `${metadata.namespace ?? ''}/${metadata.name}`)
  }

  /** The TenantAdmins beside a Tenant that name it, without those that were invited to another Tenant of that name. */
  adminsOf({ metadata, status: { adopted = [] } = { observedGeneration: 0 } }: Tenant): readonly TenantAdmin[] {
    const uids = [metadata.uid, ...adopted]
    return this.world.cluster
      .all<TenantAdmin>('TenantAdmin')
      .filter(
        ({ metadata: { namespace }, spec, status }) =>
          namespace === metadata.namespace &&
          spec.tenantRef?.name === metadata.name &&
          (status?.tenant === undefined || uids.includes(status.tenant.uid)),
      )
  }

  /** By the mark on the namespace that it lies in. */
  parentOf({ metadata: { namespace = '' } }: Tenant): Tenant | undefined {
    const owner = this.world.cluster.find('Namespace', namespace)?.metadata.labels?.[labels.tenantUid]
    return owner === undefined ? undefined : this.tenants().find(({ metadata: { uid } }) => uid === owner)
  }

  /** In a namespace that was an MSP's, or is that of a Customer. */
  isOrphan(tenant: Tenant): boolean {
    return tenant.metadata.namespace !== 'home' && this.parentOf(tenant)?.spec.type !== 'MSP'
  }

  /** What lies in the namespace of a Customer is misplaced, and nobody's. */
  customersOf(tenant: Tenant): readonly Tenant[] {
    if (tenant.spec.type !== 'MSP') return []
    return this.tenants().filter((each) => this.parentOf(each)?.metadata.uid === tenant.metadata.uid)
  }

  /** By the mark on it, whatever the Tenant's status says. */
  namespaceOf({ metadata: { uid } }: Tenant): KubeObject | undefined {
    return this.world.cluster.all('Namespace').find(({ metadata }) => metadata.labels?.[labels.tenantUid] === uid)
  }

  hasDatabase({ metadata: { uid } }: Tenant): boolean {
    const { databases } = this.world.postgres
    return [...databases.values()].some(({ owner, database }) => database !== undefined && owner?.mark?.uid === uid)
  }

  /** Whether its Secret opens its database; undefined without one. */
  logsIn(tenant: Tenant): boolean | undefined {
    const namespace = this.namespaceOf(tenant)?.metadata.name ?? ''
    const secret = this.world.cluster.find<Secret>('Secret', `${namespace}/tenantry-database`)
    if (secret === undefined) return undefined
    const entry = (name: string) => Buffer.from(secret.data?.[name] ?? '', 'base64').toString()
    return this.world.postgres.logsIn(entry('username'), entry('password'))
  }

  /** All is well again and heard of, but for dumps; what was declared is finished. */
  async rest(): Promise<void> {
    const { world } = this
    world.postgres.down = undefined
    world.cluster.catchUp()
    if (world.cluster.find('DatabaseServer', 'main') === undefined) world.cluster.put(databaseServer())
    for (let round = 0; round < 4; round += 1) {
      await world.poll()
      for (const key of keys) if (this.find(key) !== undefined) await world.settle(key)
    }
  }
}
