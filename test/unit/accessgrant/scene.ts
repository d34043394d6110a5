/**
 * An MSP acme (admin jane, technician tom) and its customer globex (admin gus) in the world of tenants, with the real
 * reconcilers of Tenants and AccessGrants.
 */
import { createAccessGrantReconciler } from '../../../operator/accessgrant/reconciler.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import type { AccessGrant } from '../../../operator/api/accessgrant.ts'
import type { AccessEntry } from '../../../operator/tenant/namespace/access-list.ts'
import { annotations } from '../../../operator/api/names.ts'
import type { ConfigMap, RoleBinding } from '../../../operator/kube/resources.ts'
import { accessGrant, tenant, tenantAdmin } from '../../gen.ts'
import { ground } from '../tenant/world.ts'
import type { World } from '../tenant/world.ts'

export const customer = 'tenant-acme/globex'
export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
export const retention = 7 * day
/** When every object of a scene was created, and about when it begins. */
export const start = Date.UTC(2030, 0, 1)

export const at = (offset: number): string => new Date(start + offset).toISOString().replace('.000Z', 'Z')

const technician = { username: 'tom', email: 'tom@acme.example.com', role: 'Technician' }

export class Scene {
  readonly world: World = ground()
  /** `Kind name: Type Reason`, and the notes. */
  readonly events: string[] = []
  readonly notes: string[] = []
  readonly actions: string[] = []
  /** When each AccessGrant asked to be looked at again, in milliseconds from then. */
  readonly due = new Map<string, number | undefined>()
  #reconcile = this.#make()

  #make() {
    return createAccessGrantReconciler(
      {
        caches: this.world.cluster.caches,
        kube: this.world.cluster.kube,
        clock: this.world.clock,
        log: silent,
        events: {
          record: ({ regarding, type, reason, action, note }) => {
            this.events.push(`${regarding.kind} ${regarding.metadata.name}: ${type} ${reason}`)
            this.notes.push(note)
            this.actions.push(action)
          },
        },
      },
      { userPrefix: 'oidc:', masqueradeLimit: hour, masqueradeRetention: retention },
    )
  }

  restart(): void {
    this.world.restart()
    this.#reconcile = this.#make()
  }

  put(grant: AccessGrant): void {
    this.world.cluster.put(grant)
  }

  technician(
    spec: Readonly<Record<string, unknown>> = {},
    over: Partial<Parameters<typeof tenantAdmin>[0]> = {},
  ): void {
    this.world.cluster.put(tenantAdmin({ name: 'tom', uid: 'uid-tom', ...over, spec: { ...technician, ...spec } }))
  }

  /** Passes over everything until none writes anything. */
  async settle(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      const before = this.world.effects.length
      await this.world.settleAll()
      await this.look()
      if (this.world.effects.length === before) return
    }
    throw new Error(`no rest: ${this.world.effects.slice(-10).join(', ')}`)
  }

  /** A pass over each AccessGrant. */
  async look(): Promise<void> {
    for (const { metadata } of this.world.cluster.all('AccessGrant')) {
      const key = `${metadata.namespace}/${metadata.name}`
      const { requeueAfter } = await this.#reconcile(key, new AbortController().signal)
      this.due.set(key, requeueAfter)
    }
  }

  /** Time passes, and everything is looked at. */
  async after(milliseconds: number): Promise<void> {
    await this.world.clock.advance(milliseconds)
    await this.settle()
  }

  grant(name = 'grant', namespace = 'tenant-acme'): AccessGrant | undefined {
    return this.world.cluster.find<AccessGrant>('AccessGrant', `${namespace}/${name}`)
  }

  /** `Active True Granted`: phase, status and reason of Ready. */
  said(name?: string, namespace?: string): string {
    const { phase = '-', conditions = [] } = this.grant(name, namespace)?.status ?? {}
    const ready = conditions.find(({ type }) => type === 'Ready')
    const others = conditions.filter(({ type }) => type !== 'Ready').map(({ type }) => ` ${type}`)
    return `${phase} ${ready?.status} ${ready?.reason}${others.join('')}`
  }

  message(name?: string): string | undefined {
    return this.grant(name)?.status?.conditions?.find(({ type }) => type === 'Ready')?.message
  }

  binding(namespace = 'tenant-globex'): RoleBinding | undefined {
    return this.world.cluster.find<RoleBinding>('RoleBinding', `${namespace}/tenantry-granted`)
  }

  /** Who is bound to which role by a grant. */
  bound(namespace?: string): readonly string[] {
    const binding = this.binding(namespace)
    return (binding?.subjects ?? []).map(({ name }) => `${name} ${binding?.roleRef.name}`)
  }

  /** What the annotation of that binding says. */
  told(): readonly Readonly<Record<string, string>>[] {
    return JSON.parse(this.binding()?.metadata.annotations?.[annotations.grants] ?? '[]') as Record<string, string>[] // our own JSON
  }

  list(namespace = 'tenant-globex'): ConfigMap | undefined {
    return this.world.cluster.find<ConfigMap>('ConfigMap', `${namespace}/tenantry-access`)
  }

  entries(namespace?: string): readonly AccessEntry[] {
    return JSON.parse(this.list(namespace)?.data?.['access.json'] ?? '[]') as AccessEntry[] // our own JSON
  }

  /** The login that the customer's Secret names: another one after each rotation. */
  login(): string | undefined {
    return this.world.tenant(customer).status?.database?.roles?.current
  }
}

export async function scene(): Promise<Scene> {
  const made = new Scene()
  const { cluster } = made.world
  cluster.put(tenantAdmin())
  made.technician()
  cluster.put(tenant({ spec: { type: 'MSP' } }))
  await made.settle()
  cluster.put(tenant({ name: 'globex', uid: 'uid-globex', namespace: 'tenant-acme' }))
  const gus = { tenantRef: { name: 'globex' }, username: 'gus', email: 'gus@globex.example.com' }
  cluster.put(tenantAdmin({ name: 'gus', uid: 'uid-gus', namespace: 'tenant-acme', spec: gus }))
  await made.settle()
  return made
}

export const masquerade = (over: Parameters<typeof accessGrant>[0] = {}): AccessGrant =>
  accessGrant({ ...over, spec: { type: 'Masquerade', username: 'root', reason: 'Ticket 1', ...over.spec } })
