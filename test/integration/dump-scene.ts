/** Tenants with data on a PostgreSQL server, and the dumper as the operator has it, for the tests of operator/dump. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { createDumper } from '../../operator/dump/dumper.ts'
import { DumpError } from '../../operator/dump/port.ts'
import type { Dumper, DumpOrder, DumpTarget } from '../../operator/dump/port.ts'
import type { ServerAddress } from '../../operator/postgres/model/address.ts'
import type { PostgresServer } from '../../operator/postgres/model/port.ts'
import { createLogger } from '../../operator/runtime/logging/log.ts'
import { systemClock, systemRandom } from '../../operator/runtime/base/system-clock.ts'
import type { PostgresAccess } from '../harness/postgres-access.ts'
import { postgresClients } from '../harness/postgres-clients.ts'
import { addressOf, installation, loginAs, operatorOn, provisioned, soon, untilAnswered } from './postgres-tenant.ts'
import type { TestTenant } from './postgres-tenant.ts'
import type { DumperSettings } from '../../operator/dump/remains.ts'

export const clients = await postgresClients((sentence) => console.log(sentence))

/** Tables, an identity, generated columns, views, functions, a trigger, a policy, large objects; names that nobody would choose. */
const content = [
  `CREATE EXTENSION IF NOT EXISTS plpgsql`,
  `CREATE SCHEMA "Weird ""schema"", $(id) ; --"`,
  `CREATE TABLE "Weird ""schema"", $(id) ; --"."ta'ble\\" ("co""l" text)`,
  `INSERT INTO "Weird ""schema"", $(id) ; --"."ta'ble\\" SELECT repeat('x', n) FROM generate_series(1, 50) n`,
  `CREATE TYPE public.mood AS ENUM ('sad', 'happy')`,
  `CREATE DOMAIN public.positive AS int CHECK (VALUE > 0)`,
  `CREATE FUNCTION public.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2'`,
  `CREATE TABLE public.people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood public.mood DEFAULT 'happy', n public.positive, doubled int GENERATED ALWAYS AS (public.twice(n)) STORED)`,
  `INSERT INTO public.people (name, n) SELECT 'person ' || n, n FROM generate_series(1, 1000) n`,
  `CREATE INDEX people_twice ON public.people (public.twice(n))`,
  `CREATE TABLE public.parts (day date, what text) PARTITION BY RANGE (day)`,
  `CREATE TABLE public.parts_2026 PARTITION OF public.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
  `INSERT INTO public.parts SELECT '2026-01-01'::date + n, 'x' FROM generate_series(0, 99) n`,
  `CREATE MATERIALIZED VIEW public.summary AS SELECT count(*) AS n, current_user::text AS who FROM public.people`,
  `CREATE VIEW public.colleagues AS SELECT username FROM tenantry.admins`,
  `CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
  `CREATE TRIGGER touch BEFORE UPDATE ON public.people FOR EACH ROW EXECUTE FUNCTION public.touch()`,
  `ALTER TABLE public.people ENABLE ROW LEVEL SECURITY`,
  `CREATE POLICY own ON public.people USING (name = current_user)`,
  `GRANT SELECT ON public.people TO PUBLIC`,
  `COMMENT ON SCHEMA public IS 'it''s ours'`,
  `SELECT lo_from_bytea(0, '\\x0102')`,
]

export async function tenantWithData(access: PostgresAccess, server: PostgresServer): Promise<TestTenant> {
  const made = await provisioned(server)
  await using session = await loginAs(access, made)
  for (const statement of content) await session.query(statement)
  await archive(server, made)
  return made
}

/** As an archived tenant is: nobody may log in, nobody is. */
export async function archive(server: PostgresServer, { target }: TestTenant): Promise<void> {
  for (const kind of ['DisableLogins', 'TerminateSessions'] as const)
    await untilAnswered(() => server.apply({ kind, target }, soon()))
}

export async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tenantry-dumps-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  return path
}

export interface Scene {
  readonly server: PostgresServer
  readonly dumper: Dumper
  /** What was logged. */
  readonly lines: string[]
}

export interface SceneOptions {
  readonly settings?: Partial<DumperSettings>
  readonly address?: Partial<ServerAddress>
}

export function scene(
  t: ExecutionContext,
  access: PostgresAccess,
  target: DumpTarget,
  { settings, address = {} }: SceneOptions = {},
): Scene {
  const server = operatorOn(t, access, { address })
  const lines: string[] = []
  const log = createLogger({ level: 'debug', destination: { write: (line) => lines.push(line) } })
  const servers = { connect: async () => server, address: async () => addressOf(access, address) }
  const dumper = createDumper(
    { servers, target, clock: systemClock, random: systemRandom, log },
    { installation, clientFolders: [clients[16], clients[18]], timeout: 150_000, ...settings },
  )
  return { server, dumper, lines }
}

export function orderOf({ target }: TestTenant): DumpOrder {
  const { tenant, uid } = target.mark
  return { server: 'main', target, path: `${installation}/${tenant}/${uid}/2026-11-22T010203Z.dump` }
}

/** The reason of the DumpError that `work` ends with. */
export async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof DumpError) return error.reason
    throw error
  }
  throw new Error('the dump was expected to fail')
}

/** What a dump left on the server and in a folder: nothing. */
export async function remains(access: PostgresAccess, { target }: TestTenant, root?: string): Promise<unknown> {
  const names = ['d', 'r', 'v'].map((letter) => `${target.names.owner}_${letter}`)
  const rows = await access.query<{ name: string }>(
    `SELECT rolname::text AS name FROM pg_roles WHERE rolname = ANY ($1) UNION ALL SELECT datname::text FROM pg_database WHERE datname = ANY ($1)
     UNION ALL SELECT 'session ' || usename FROM pg_stat_activity WHERE usename = ANY ($1)`,
    [names],
  )
  const files = root === undefined ? [] : await readdir(root, { recursive: true, withFileTypes: true })
  return [...rows.map(({ name }) => name), ...files.filter((file) => file.isFile()).map(({ name }) => name)].toSorted()
}
