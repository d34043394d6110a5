/**
 * Takes a dump as a temporary login of the tenant, restores it as a login without other rights, compares, and only then
 * keeps it. The operator's own account makes and removes the logins; it reads nothing of the tenant's and restores
 * nothing.
 */
import { rm } from 'node:fs/promises'

import { logLine, writeLineOf } from '../api/log-lines.ts'
import { dataName } from '../api/names.ts'
import type { Why } from '../api/whys.ts'
import { dumpNames } from '../postgres/model/dump-names.ts'
import { withInventory } from '../postgres/reads/inventory.ts'
import type { Inventory, InventoryLogin } from '../postgres/reads/inventory.ts'
import { scramVerifier } from '../postgres/model/scram.ts'
import { timestamp } from '../runtime/base/clock.ts'
import { deadline } from '../runtime/base/deadline.ts'
import { differences, toldOfDifferences, withoutMoved } from './restore-differences.ts'
import { programFailed, readingFailed } from './failure.ts'
import { digestOf, fileError } from './file.ts'
import { asDumpError } from './dump-error.ts'
import { DumpError } from './port.ts'
import type { Dumper, DumpOrder } from './port.ts'
import { dump, restore } from './programs.ts'
import type { DumpRecord } from './record.ts'
import { dumpScope, scratchScope } from './scope.ts'
import { KeyedLock } from '../runtime/base/keyed-lock.ts'
import { prepare, remainsOf, tidy, workFolder } from './remains.ts'
import type { DumperPorts, DumperSettings, Work } from './remains.ts'

export function createDumper(ports: DumperPorts, settings: DumperSettings): Dumper {
  // The temporary parts of a tenant's dumps have the same names each time.
  const lock = new KeyedLock()
  const limited = <T>({ target }: DumpOrder, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) =>
    lock.run(target.mark.uid, async () => {
      using limit = deadline(ports.clock, settings.timeout, signal)
      try {
        return await work(limit.signal)
      } catch (error) {
        signal.throwIfAborted()
        throw asDumpError(error, limit.signal)
      }
    })
  return {
    take: (order, whole) =>
      limited(order, whole, async (signal) => {
        const found = await ports.target.find(order.path, signal)
        if (found === undefined) return make(order, ports, settings, signal)
        await tidy(await remainsOf(order, ports, settings, signal))
        return found
      }),
    rehearse: (order, whole) => limited(order, whole, (signal) => rehearse(order, ports, settings, signal)),
    isThere: async (path, signal) => {
      try {
        return await ports.target.isThere(path, signal)
      } catch (error) {
        signal.throwIfAborted()
        throw asDumpError(error, signal)
      }
    },
    clear: async () => {
      const folder = await workFolder(ports, settings)
      await rm(folder, { recursive: true, force: true }).catch((error: unknown) => Promise.reject(fileError(error)))
    },
  }
}

async function make(
  order: DumpOrder,
  ports: DumperPorts,
  settings: DumperSettings,
  signal: AbortSignal,
): Promise<DumpRecord> {
  const begun = ports.clock.monotonic()
  return withWork(order, ports, settings, signal, async (work) => {
    const takenAt = timestamp(ports.clock.now())
    const dumped = await proved(work)
    const record = await describe(work, dumped, takenAt)
    await ports.target.keep(work.file, record, order.path, signal)
    log(order, begun, 'purge', logLine('DumpKept', { ...placeOf(order), path: order.path, bytes: record.bytes }), ports)
    return record
  })
}

/** Afterwards nothing of the dump is left on the server and in its folder. */
async function withWork<T>(
  order: DumpOrder,
  ports: DumperPorts,
  settings: DumperSettings,
  signal: AbortSignal,
  use: (work: Work) => Promise<T>,
): Promise<T> {
  const work = await prepare(order, ports, settings, signal)
  try {
    return await use(work)
  } finally {
    await tidy(work)
  }
}

async function proved(work: Work): Promise<Inventory> {
  const taken = await takeDump(work)
  await verify(work, taken)
  return taken.dumped
}

function placeOf({ server, target: { names } }: DumpOrder) {
  return { server, database: dataName(names) }
}

function log(
  { target: { mark } }: DumpOrder,
  begun: number,
  why: Why,
  line: Parameters<typeof writeLineOf>[2],
  ports: Pick<DumperPorts, 'clock' | 'log'>,
): void {
  const durationMs = Math.round(ports.clock.monotonic() - begun)
  writeLineOf(ports.log, { tenant: mark.tenant, uid: mark.uid, why, durationMs }, line)
}

async function rehearse(
  order: DumpOrder,
  ports: DumperPorts,
  settings: DumperSettings,
  signal: AbortSignal,
): Promise<void> {
  const begun = ports.clock.monotonic()
  // Whether the target can be reached at all, and with these credentials.
  await ports.target.isThere(order.path, signal)
  await withWork(order, ports, settings, signal, proved)
  log(order, begun, 'notice', logLine('DumpRehearsed', placeOf(order)), ports)
}

interface Taken {
  readonly dumped: Inventory
  /** The sequences' values afterwards: an application draws from them while its last dump is rehearsed. */
  readonly sequencesAfter: Inventory['sequences']
  readonly reader: InventoryLogin
}

/** The rows are counted in the same snapshot that is dumped. */
async function takeDump(work: Work): Promise<Taken> {
  const { target, server, ports, settings, signal } = work
  const { login, password } = await temporaryLogin(work)
  await server.apply({ kind: 'OpenDump', target, login }, signal)
  const as = loginTo(work, target.names.database, dumpNames(target.names).login, password)
  const scope = dumpScope(target)
  const options = { scope, statementTimeout: settings.timeout }
  const reading = withInventory(as, options, signal, async ({ inventory, snapshot, sequences }) => {
    const ended = await dump({ ...work, login: as }, { snapshot, schema: scope.schema }, signal)
    if (ended.status !== 0) await programFailed('DumpRefused', 'pg_dump', ended, { ...work, reader: as })
    ports.log.debug('dumped', { path: work.path })
    return { dumped: inventory, sequencesAfter: await sequences() }
  })
  const taken = await reading.catch((error: unknown) => readingFailed(error, { ...work, reader: as }))
  return { ...taken, reader: as }
}

async function verify(work: Work, { dumped, sequencesAfter, reader }: Taken): Promise<void> {
  const { target, server, ports, settings, signal } = work
  const { login, password } = await temporaryLogin(work)
  await server.apply({ kind: 'OpenScratch', target, login }, signal)
  const { scratch, restorer } = dumpNames(target.names)
  const as = loginTo(work, scratch, restorer, password)
  const ended = await restore({ ...work, login: as }, signal)
  if (ended.status !== 0) await programFailed('RestoreRefused', 'pg_restore', ended, { ...work, reader })
  const options = { scope: scratchScope(target), statementTimeout: settings.timeout }
  const restored = await withInventory(as, options, signal, ({ inventory }) =>
    Promise.resolve(withoutMoved(inventory, dumped, sequencesAfter)),
  )
  const still = withoutMoved(dumped, dumped, sequencesAfter)
  const differ = differences(still, restored)
  if (differ.length === 0) return
  ports.log.warn('what was restored is not what was dumped', { path: work.path, differences: differ })
  const words = toldOfDifferences(still, restored, dumpScope(target))
  throw new DumpError('RestoreDiffers', 'The restored copy differs from the database.', undefined, words)
}

async function temporaryLogin({ ports: { clock, random }, settings }: Work) {
  const password = random.bytes(24).toString('base64url')
  // A little more than needed: the server's clock is another one.
  const validUntil = timestamp(clock.now() + 2 * settings.timeout + 300_000)
  return { password, login: { verifier: await scramVerifier(password, random), validUntil } }
}

function loginTo({ address }: Work, database: string, username: string, password: string): InventoryLogin {
  return { address, database, username, password }
}

async function describe(work: Work, dumped: Inventory, takenAt: string): Promise<DumpRecord> {
  const { target, version, client, file, ports, signal } = work
  const { installation, tenant, uid } = target.mark
  return {
    installation,
    tenant,
    uid,
    database: target.names.database,
    isolation: target.isolation,
    serverVersion: version,
    clientVersion: client.version,
    format: 'custom',
    ...(await digestOf(file, signal)),
    ...dumped,
    takenAt,
    verifiedAt: timestamp(ports.clock.now()),
  }
}
