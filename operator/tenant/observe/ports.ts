/** The ports of an observation. */
import type { Tenant } from '../../api/tenant.ts'
import type { KubeReader } from '../../kube/port.ts'
import type { DatabaseNames } from '../../api/names.ts'
import type { Key } from '../../runtime/queue/reconcile.ts'
import type { SteadyClock } from '../../runtime/base/steady-clock.ts'
import type { Contests } from '../contests/contests.ts'
import type { ReadLicense } from '../lifecycle/license-reader.ts'
import type { ResumeWatch } from './resume-watch.ts'
import type { DatabaseNote } from '../../databaseserver/catalogue-cache.ts'
import type { DeletionPreviews } from './deletion-preview-facts.ts'
import type { DumpLookPorts } from './last-dump-facts.ts'
import type { DrainWatch } from './drain-watch.ts'
import type { TenantSeats } from './seats.ts'
import type { TenantCaches } from '../../domain/caches.ts'
import type { Login } from '../model/live-facts.ts'
import type { ObservedDatabase } from '../../postgres/model/observed-database.ts'

/**
 * The catalogues of the servers; kept by operator/databaseserver. They throw PostgresError, ReferenceMissing or
 * KubeError.
 */
export interface Catalogue {
  /** The last knowledge; asks the server when there is none, or when it is in doubt. */
  readonly look: (server: string, names: DatabaseNames, signal: AbortSignal) => Promise<DatabaseNote>
  /** Asks the server now. */
  readonly lookLive: (
    server: string,
    names: DatabaseNames,
    signal: AbortSignal,
  ) => Promise<ObservedDatabase | undefined>
  /** Asks the server now, for the size as well. */
  readonly measure: Catalogue['lookLive']
  /** The data is gone: its return wakes the tenant with this uid. */
  readonly awaitReturn: (server: string, names: DatabaseNames, uid: string) => void
  /** The last look at all tenants of a server. */
  readonly surveyOf: SurveyOf
  /** The certificates (PEM) that the server's clients shall trust, if its DatabaseServer names any. */
  readonly authority: (server: string, signal: AbortSignal) => Promise<string | undefined>
}

/** Whether the tenant's credentials still log in, tried when that is due. */
export interface LoginProbe {
  readonly probe: (facts: LoginFacts, signal: AbortSignal) => Promise<Login>
}

export interface LoginFacts {
  readonly uid: string
  readonly server: string
  readonly database: string
  readonly username: string
  readonly secret: { readonly namespace: string; readonly name: string }
  /** The digest of the password in the Secret; another one makes an attempt due at once. */
  readonly password: string
  /** RFC 3339: when the server was noticed to have been set back to an earlier time. */
  readonly setBackAt?: string
}

/** The outside. */
export interface OutsidePorts extends DumpLookPorts {
  readonly caches: TenantCaches
  readonly kube: KubeReader
  readonly catalogue: Catalogue
  readonly license: ReadLicense
}

/** The outside, and the memory of earlier passes. */
export interface ObservePorts extends OutsidePorts {
  readonly steady: Pick<SteadyClock, 'now'>
  readonly login: LoginProbe
  readonly drain: DrainWatch
  readonly resume: ResumeWatch
  readonly previews: DeletionPreviews
  readonly contests: Pick<Contests, 'told'>
  readonly seats: Pick<TenantSeats, 'customersIn'>
  /** The cached Tenant, or that of an own write where the cache has not caught up with it. */
  readonly writes: { newest(key: Key, cached: Tenant | undefined): Tenant | undefined }
}

/** What the last look at a server found of all its tenants. Throws what connecting throws. */
export type SurveyOf = (server: string, signal: AbortSignal) => Promise<ReadonlyMap<string, ObservedDatabase>>
