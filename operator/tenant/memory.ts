/** What the tenant reconciler remembers between passes, for one leadership: nothing rests on it but the number of reads and writes. */
import type { Tenant } from '../api/tenant.ts'
import type { Kube } from '../kube/port.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import { OwnWrites } from '../runtime/cache/own-writes.ts'
import type { Pace } from '../runtime/base/pace.ts'
import type { DatabaseServers } from './apply/database.ts'
import { AwakeningWatch } from './observe/resume-watch.ts'
import { Contests } from './contests/contests.ts'
import { LoginProbes } from './observe/login-probe.ts'
import { DeletionBrake } from './observe/deletion-brake.ts'
import type { BrakePorts } from './observe/deletion-brake.ts'
import { Places } from './observe/customer-slots.ts'
import type { Plan } from './model/decision.ts'
import { DeletionPreviews } from './observe/deletion-preview.ts'
import type { PreviewPorts } from './observe/deletion-preview.ts'
import { Reservations } from './observe/adoption-locks.ts'
import { Rollouts } from './observe/rollout.ts'
import type { Seen } from './model/snapshot.ts'
import { ServerSlots } from './observe/server-slots.ts'
import type { TenantCaches } from '../domain/caches.ts'
import { StillnessWatch } from './observe/drain-watch.ts'
import { Wanted } from './apply/wanted.ts'

export interface Memory {
  readonly writes: OwnWrites<Tenant>
  readonly login: LoginProbes
  readonly stillness: StillnessWatch
  readonly awakening: AwakeningWatch
  readonly places: Places
  readonly serverSlots: ServerSlots
  readonly rollouts: Rollouts
  readonly previews: DeletionPreviews
  readonly brake: DeletionBrake
  readonly reservations: Reservations
  readonly wanted: Wanted
  readonly contests: Contests
}

export interface MemoryPorts extends PreviewPorts, BrakePorts {
  readonly caches: TenantCaches
  readonly kube: Kube
  readonly clock: Clock
  readonly random: Random
  readonly servers: DatabaseServers
  readonly pace: Pick<Pace, 'next'>
}

/** `probeInterval`: milliseconds. */
export function createMemory(ports: MemoryPorts, probeInterval: number): Memory {
  const { caches, clock, random, kube, servers } = ports
  return {
    writes: new OwnWrites<Tenant>(),
    login: new LoginProbes({ clock, random, kube, connect: servers.connect }, probeInterval),
    stillness: new StillnessWatch({ clock, random, kube }, probeInterval),
    awakening: new AwakeningWatch({ clock, kube }),
    places: new Places(caches.claims),
    serverSlots: new ServerSlots(caches.claims),
    rollouts: new Rollouts(ports.pace),
    previews: new DeletionPreviews(ports),
    brake: new DeletionBrake(ports),
    reservations: new Reservations(),
    wanted: new Wanted(),
    contests: new Contests(clock),
  }
}

/** False when others were quicker. */
export function takeSlots(seen: Seen, plan: Plan, memory: Memory): boolean {
  if (memory.places.take(seen, plan) && memory.serverSlots.take(seen, plan)) return true
  leaveSlots(seen.identity.uid, memory)
  return false
}

export function leaveSlots(uid: string, { places, serverSlots }: Memory): void {
  places.leave(uid)
  serverSlots.leave(uid)
}

/** The Tenant is gone. */
export function forgetTenant(uid: string, memory: Memory): void {
  memory.login.forget(uid)
  memory.stillness.forget(uid)
  memory.awakening.forget(uid)
  leaveSlots(uid, memory)
  memory.rollouts.forget(uid)
  memory.previews.forget(uid)
  memory.reservations.leave(uid)
  memory.wanted.forget(uid)
  memory.contests.forget(uid)
}
