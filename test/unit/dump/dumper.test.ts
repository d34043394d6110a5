/** A dump that is there already, since a process ended before it could tell. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { createDumper } from '../../../operator/dump/dumper.ts'
import type { DumpTarget } from '../../../operator/dump/port.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import type { DatabaseAction, PostgresServer } from '../../../operator/postgres/model/port.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { dumpOrder, dumpRecord } from './gen.ts'

const order = dumpOrder()

const unused = () => {
  throw new Error('not needed for this')
}

/** A target whose dump is there, with a work folder in which something was left, and a server that is told what to do. */
async function world(root: string, apply: PostgresServer['apply'] = async () => ({ did: 'Nothing' })) {
  const left = join(root, 'prod', 'uid')
  await mkdir(left, { recursive: true })
  await writeFile(join(left, 'ca.crt'), '')
  const done: DatabaseAction['kind'][] = []
  const server: PostgresServer = {
    apply: async (action, signal) => {
      done.push(action.kind)
      return apply(action, signal)
    },
    health: unused,
    identity: unused,
    catalogue: unused,
    probe: unused,
    reach: unused,
    directory: unused,
    endPredecessors: unused,
    close: unused,
  }
  const target: DumpTarget = {
    workFolder: async () => root,
    find: async () => dumpRecord,
    isThere: unused,
    keep: unused,
  }
  const ports = {
    servers: { connect: async () => server, address: unused },
    target,
    clock: new FakeClock(),
    random: { bytes: unused },
    log: silent,
  }
  return { left, done, dumper: createDumper(ports, { installation: 'prod', clientFolders: [], timeout: 60_000 }) }
}

test('what was kept is not taken again, and what it needed is removed', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'tenantry-dumper-'))
  t.teardown(() => rm(root, { recursive: true }))
  const { dumper, left, done } = await world(root)
  t.is(await dumper.take(order, new AbortController().signal), dumpRecord)
  t.deepEqual(done, ['EndDump'])
  t.false(existsSync(left))
})

test('that it cannot be removed now keeps nothing back: the dump is whole', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'tenantry-dumper-'))
  t.teardown(() => rm(root, { recursive: true }))
  const { dumper } = await world(root, async () => {
    throw new PostgresError('Unavailable', 'gone')
  })
  t.is(await dumper.take(order, new AbortController().signal), dumpRecord)
})

test('what an earlier process left unfinished is removed, and nothing of another installation', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'tenantry-dumper-'))
  t.teardown(() => rm(root, { recursive: true }))
  const { dumper, left } = await world(root)
  const foreign = join(root, 'staging', 'uid')
  await mkdir(foreign, { recursive: true })
  await dumper.clear()
  t.false(existsSync(left))
  t.true(existsSync(foreign))
  await dumper.clear()
})
