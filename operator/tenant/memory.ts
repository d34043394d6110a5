/** What the tenant reconciler remembers between passes, for one leadership: nothing rests on it but the number of reads and writes. */
import type { Tenant } from '../api/tenant.ts'
import type { Kube } from '../kube/port.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import { OwnWrites } from '../runtime/cache/own-writes.ts'
import type { Pace } from '../runtime/base/pace.ts'
import type { DatabaseServers } from './apply/database.ts'
import { ResumeWatch } from './observe/resume-watch.ts'
import { Contests } from './contests/contests.ts'
import { LoginProbes } from './observe/login-probe.ts'
import { DeletionBrake } from './observe/deletion-brake.ts'
import type { BrakePorts } from './observe/deletion-brake.ts'
import { CustomerSlots } from './observe/customer-slots.ts'
import type { Decision } from './model/decision.ts'
import { DeletionPreviews } from './observe/deletion-preview.ts'
import type { PreviewPorts } from './observe/deletion-preview.ts'
import { AdoptionLocks } from './observe/adoption-locks.ts'
import { Rollouts } from './observe/rollout.ts'
import type { Snapshot } from './model/snapshot.ts'
import { ServerSlots } from './observe/server-slots.ts'
import type { TenantCaches } from '../domain/caches.ts'
import { DrainWatch } from './observe/drain-watch.ts'
import { Wanted } from './apply/wanted-digests.ts'

export interface Memory {
  readonly writes: OwnWrites<Tenant>
  readonly login: LoginProbes
  readonly drain: DrainWatch
  readonly resume: ResumeWatch
  readonly customerSlots: CustomerSlots
  readonly serverSlots: ServerSlots
  readonly rollouts: Rollouts
  readonly previews: DeletionPreviews
  readonly brake: DeletionBrake
  readonly adoptionLocks: AdoptionLocks
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
    drain: new DrainWatch({ clock, random, kube }, probeInterval),
    resume: new ResumeWatch({ clock, kube }),
    customerSlots: new CustomerSlots(caches.claims),
    serverSlots: new ServerSlots(caches.claims),
    rollouts: new Rollouts(ports.pace),
    previews: new DeletionPreviews(ports),
    brake: new DeletionBrake(ports),
    adoptionLocks: new AdoptionLocks(),
    wanted: new Wanted(),
    contests: new Contests(clock),
  }
}

/** False when others were quicker. */
export function takeSlots(snapshot: Snapshot, decision: Decision, memory: Memory): boolean {
  if (memory.customerSlots.take(snapshot, decision) && memory.serverSlots.take(snapshot, decision)) return true
  leaveSlots(snapshot.identity.uid, memory)
  return false
}

export function leaveSlots(uid: string, { customerSlots, serverSlots }: Memory): void {
  customerSlots.leave(uid)
  serverSlots.leave(uid)
}

/** The Tenant is gone. */
export function forgetTenant(uid: string, memory: Memory): void {
  memory.login.forget(uid)
  memory.drain.forget(uid)
  memory.resume.forget(uid)
  leaveSlots(uid, memory)
  memory.rollouts.forget(uid)
  memory.previews.forget(uid)
  memory.adoptionLocks.leave(uid)
  memory.wanted.forget(uid)
  memory.contests.forget(uid)
}
