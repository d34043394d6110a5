/** What tests of whole lives of an invite share: its beginning, and what the status says in one line. */
import { findCondition } from '../../../operator/api/conditions.ts'
import { tenant, tenantAdmin } from './gen.ts'
import { World } from './world.ts'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
export const resend = (at: string) => ({ annotations: { 'tenantry.dev/resend-requested-at': at } })

/** `phase · invite status · kstatus word: reason · mails`. */
export function story(world: World, key?: string): string {
  const { status } = world.admin(key)
  const said = ['Stalled', 'Reconciling', 'Ready'] as const
  const found = said.map((type) => findCondition(status?.conditions, type)).find((each) => each !== undefined)
  const { invite } = status ?? {}
  return `${status?.phase} · #${invite?.sequence ?? 0} ${invite?.status} · ${found?.type}: ${found?.reason} · ${world.mails.length} mails`
}

export async function invited(): Promise<World> {
  const world = new World()
  world.put(tenant())
  world.put(tenantAdmin())
  await world.settle()
  return world
}

export const token = (mail: { text: string } | undefined) => /token=([A-Za-z0-9_-]+)/.exec(mail?.text ?? '')?.[1]
