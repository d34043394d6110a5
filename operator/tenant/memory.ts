/**
 * The memory of the reconciler of Tenants between passes, for one leadership. Nothing depends on it but the number of
 * reads and writes.
 */
import type { Tenant } from '../api/tenant.ts'
import type { TenantCaches } from '../domain/caches.ts'
import type { Kube } from '../kube/port.ts'
import type { Clock, Random } from '../runtime/base/clock.ts'
import type { Pace } from '../runtime/base/pace.ts'
import { OwnWrites } from '../runtime/cache/own-writes.ts'
import type { DatabaseServers } from './apply/database-action.ts'
import { Wanted } from './apply/wanted-digests.ts'
import { Contests } from './contests/contests.ts'
import { AdoptionLocks } from './observe/adoption-locks.ts'
import { DeletionPreviews } from './observe/deletion-preview-facts.ts'
import type { PreviewPorts } from './observe/deletion-preview-facts.ts'
import { DrainWatch } from './observe/drain-watch.ts'
import { LoginProbes } from './observe/login-probe.ts'
import { ResumeWatch } from './observe/resume-watch.ts'
import { Rollouts } from './observe/rollout.ts'
import { TenantSeats } from './observe/seats.ts'

export interface MemoryPorts extends PreviewPorts {
  readonly caches: TenantCaches
  readonly kube: Kube
  readonly clock: Clock
  readonly random: Random
  readonly servers: DatabaseServers
  readonly pace: Pick<Pace, 'next'>
  /** What others remember of a Tenant. */
  readonly catalogue: { readonly forgetTenant: (uid: string) => void }
  readonly dumps: (PreviewPorts['dumps'] & { readonly forget: (uid: string) => void }) | undefined
  readonly rehearsals?: { readonly forget: (uid: string) => void } | undefined
}

export type Memory = ReturnType<typeof createMemory>

/** `probeInterval`: milliseconds. */
export function createMemory(ports: MemoryPorts, probeInterval: number) {
  const { caches, clock, random, kube, servers, catalogue, dumps, rehearsals } = ports
  const ofTenants = {
    login: new LoginProbes({ clock, random, kube, connect: servers.connect }, probeInterval),
    drain: new DrainWatch({ clock, random, kube }, probeInterval),
    resume: new ResumeWatch({ clock, kube }),
    seats: new TenantSeats(caches.claims),
    rollouts: new Rollouts(ports.pace),
    previews: new DeletionPreviews(ports),
    adoptionLocks: new AdoptionLocks(),
    wanted: new Wanted(),
    contests: new Contests(clock),
  }
  return {
    ...ofTenants,
    writes: new OwnWrites<Tenant>(),
    /** The Tenant is gone. */
    forget(uid: string): void {
      for (const each of Object.values(ofTenants)) each.forget(uid)
      catalogue.forgetTenant(uid)
      dumps?.forget(uid)
      rehearsals?.forget(uid)
    },
  }
}
