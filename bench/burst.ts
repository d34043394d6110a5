/** Many tenants at once, and one at a time: how long from the first declaration until the last can be used. */
import { gate } from './gate.ts'
import { declare, newName } from './site.ts'
import type { Site } from './site.ts'
import { watchUsable } from './usable.ts'
import type { FloorTenant } from './template.ts'

/** Told of each tenant as soon as it is declared: the floor's turn. The operator finds out by itself. */
export type Declared = (tenant: FloorTenant) => void

export interface Burst {
  readonly tenants: readonly string[]
  /** Milliseconds. */
  readonly all: number
}

export async function burst(site: Site, count: number, declared: Declared = () => undefined): Promise<Burst> {
  await using usable = watchUsable(site)
  const tenants = Array.from({ length: count }, newName)
  const places = gate(16)
  const start = performance.now()
  await Promise.all(tenants.map((tenant) => places(() => reportOf(site, tenant, declared))))
  const times = await usable.of(tenants)
  return { tenants, all: Math.max(...times) - start }
}

/** One after another, each alone. Milliseconds of each. */
export async function oneByOne(site: Site, count: number, declared: Declared = () => undefined) {
  await using usable = watchUsable(site)
  const times: number[] = []
  for (let index = 0; index < count; index++) {
    const tenant = newName()
    const start = performance.now()
    await reportOf(site, tenant, declared)
    const [time = Number.NaN] = await usable.of([tenant])
    times.push(time - start)
  }
  return times
}

async function reportOf(site: Site, tenant: string, declared: Declared): Promise<void> {
  const { metadata } = await declare(site, tenant)
  declared({ name: tenant, uid: metadata.uid, resourceVersion: metadata.resourceVersion })
}
