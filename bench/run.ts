/**
 * `npm run bench`: what the operator takes beside a floor that does the same effects with raw clients. Starts its own
 * cluster and PostgreSQL.
 */
import { availableParallelism, loadavg } from 'node:os'
import { operatorAccount } from '../test/harness/chart.ts'
import { optionsOf } from '../test/harness/options.ts'
import { startOperator } from '../test/harness/operator.ts'
import type { OperatorProcess } from '../test/harness/operator.ts'
import { startWorld } from '../test/harness/world.ts'
import type { World } from '../test/harness/world.ts'
import { compare } from './compared.ts'
import { failover, leaseSeconds } from './failover.ts'
import { fails, table } from './figures.ts'
import type { Figure } from './figures.ts'
import type { FloorOptions } from './floor.ts'
import { caughtUp, quiet, settle } from './quiet.ts'
import { fillUp, restart } from './restart.ts'
import { declare, installation, openSite } from './site.ts'
import type { Site } from './site.ts'
import { median } from './statistics.ts'
import { readTemplate } from './template.ts'
import { watchUsable } from './usable.ts'

const values = optionsOf(
  `npm run bench [-- options]

The operator beside a floor that does the same effects with raw clients, on a cluster and a PostgreSQL of their own.

  --full         10,000 Tenants for the restart, instead of 1,000
  --rounds=3     bursts of each
  --tenants=100  tenants in a burst
  --singles=10   tenants one by one
  --restart=N    Tenants for the restart
  --seconds=60   of rest
  --json         figures as JSON
  --check        end with 1 when a figure is not as it must be`,
  {
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    tenants: { type: 'string', default: '100' },
    singles: { type: 'string', default: '10' },
    restart: { type: 'string' },
    seconds: { type: 'string', default: '60' },
  },
)
const tell = (sentence: string): void => console.error(`· ${sentence}`)
const model = 'mdlzqxwvyj'

async function floorOptions(site: Site): Promise<Omit<FloorOptions, 'atOnce'>> {
  const { world, tenants, namespace, email } = site
  const { cluster, postgres } = world
  const tenant = await world.api.get(`${tenants}/${model}`)
  if (tenant === undefined) throw new Error('The model tenant is gone.')
  return {
    server: cluster.server,
    ca: cluster.ca,
    token: await cluster.tokenFor(operatorAccount(world.installation.namespace)),
    tenants,
    template: await readTemplate(world.api, tenant, { installation, namespace: world.installation.namespace }),
    sql: {
      address: {
        host: postgres.host,
        port: postgres.port,
        username: postgres.operator.user,
        password: postgres.operator.password,
        tls: { mode: 'verify-full', ca: postgres.ca },
      },
      installation,
      home: namespace,
      connections: 4,
      connectionLimit: await connectionLimit(world),
      directory: [
        {
          origin: 'msp:bmsp',
          username: 'ada',
          email,
          firstName: '',
          lastName: '',
          applicationRole: 'BusinessUser',
          status: 'Active',
        },
      ],
    },
  }
}

/** What the plan says, with the default that the apiserver filled in. */
async function connectionLimit({ api, installation: { plan } }: World): Promise<number> {
  const found = await api.get(`/apis/tenantry.dev/v1alpha1/tenantplans/${plan}`)
  const database = found?.spec?.['database'] as { readonly connectionLimit?: number } | undefined // of our own schema
  return database?.connectionLimit ?? -1
}

async function measure(world: World): Promise<readonly Figure[]> {
  const start = (): Promise<OperatorProcess> =>
    startOperator({
      cluster: world.cluster,
      mail: world.mail,
      web: world.web,
      env: { TENANTRY_INSTALLATION: installation },
    })
  const first = await start()
  const site = await openSite(world)
  await declare(site, model)
  {
    await using usable = watchUsable(site)
    await usable.of([model])
  }
  const floor = await floorOptions(site)
  await settle(world, first)
  await first[Symbol.asyncDispose]()
  const numbers = {
    rounds: Number(values.rounds),
    tenants: Number(values.tenants),
    singles: Number(values.singles),
  }
  tell(`${numbers.rounds} rounds of ${numbers.tenants} tenants at once and ${numbers.singles} one by one`)
  const compared = await compare({ site, floor, start, ...numbers, keep: [model], tell })
  tell(`${values.seconds} s of rest`)
  await caughtUp(world)
  const rest = await quiet(world, compared.operator, Number(values.seconds))
  const count = Number(values.restart ?? (values.full ? 10_000 : 1000))
  tell(`${count} Tenants for the restart`)
  await fillUp(world, count)
  const restarted = await restart(world, compared.operator, start)
  tell('two failovers')
  const failedOver = await failover(world, restarted.operator, start)
  await failedOver.operator[Symbol.asyncDispose]()
  const { bursts, singles, writes, deletions, floorAtOnce } = compared.figures
  const perMinute = (some: number) => (some * 60) / Number(values.seconds)
  const statements = Object.values(rest.statements).reduce((sum, calls) => sum + calls, 0)
  const { figures: restartFigures } = restarted
  const kinds = Object.entries(writes.kinds).map(([kind, times]) => `${kind} ${(times / numbers.tenants).toFixed(2)}`)
  const ms = 'ms' as const
  return [
    {
      name: `burst of ${numbers.tenants} against the floor`,
      value: median(bursts.operator) / median(bursts.floor),
      unit: '×',
      must: 1.5,
      aim: 1.15,
    },
    { name: 'burst, operator', value: median(bursts.operator), unit: ms, note: `rounds: ${rounded(bursts.operator)}` },
    {
      name: 'burst, floor',
      value: median(bursts.floor),
      unit: ms,
      note: `rounds: ${rounded(bursts.floor)}; ${floorAtOnce} at once`,
    },
    {
      name: 'one tenant against the floor, p50',
      value: median(singles.operator) / median(singles.floor),
      unit: '×',
      must: 1.3,
      aim: 0.6,
    },
    { name: 'one tenant, operator, p50', value: median(singles.operator), unit: ms },
    { name: 'one tenant, floor, p50', value: median(singles.floor), unit: ms },
    {
      name: 'API writes per tenant',
      value: writes.total / numbers.tenants,
      unit: '',
      must: 14,
      aim: 11,
      note: kinds.join(', '),
    },
    { name: 'burst deleted', value: median(deletions), unit: ms, note: 'the namespace controller alone waits 5 s' },
    {
      name: 'at rest: API writes a minute',
      value: perMinute(rest.writes.total),
      unit: '',
      must: 0,
      aim: 0,
      note: Object.keys(rest.writes.kinds).join(', '),
    },
    {
      name: 'at rest: statements a minute',
      value: perMinute(statements),
      unit: '',
      must: 0,
      aim: 0,
      note: `beside ${rest.checks} catalogue and health queries ${Object.keys(rest.statements).join('; ')}`,
    },
    {
      name: `restart with ${restartFigures.tenants} Tenants`,
      value: restartFigures.synced,
      unit: ms,
      must: 5000,
      aim: 1500,
    },
    {
      name: 'memory then',
      value: restartFigures.memory.resting,
      unit: 'MiB',
      must: 250,
      aim: 130,
      note: `at most ${Math.round(restartFigures.memory.peak)} MiB`,
    },
    {
      name: 'API writes after the restart',
      value: restartFigures.writes.total,
      unit: '',
      must: 0,
      aim: 0,
      note: Object.keys(restartFigures.writes.kinds).join(', '),
    },
    { name: 'failover, graceful', value: failedOver.figures.graceful, unit: ms, must: 1000, aim: 200 },
    {
      name: 'failover, crash',
      value: failedOver.figures.crash,
      unit: ms,
      must: (leaseSeconds + 2) * 1000,
      aim: (leaseSeconds + 0.5) * 1000,
    },
  ]
}

function rounded(numbers: readonly number[]): string {
  return numbers.map((number) => Math.round(number)).join(', ')
}

await using world = await startWorld({ onProgress: tell })
const before = loadavg()[0] ?? 0
const figures = await measure(world).catch((error: unknown) => {
  console.error(error)
  throw error
})
const machine = { cores: availableParallelism(), loadBefore: Math.round(before * 10) / 10 }
if (values.json) console.log(JSON.stringify({ machine, figures }, undefined, 2))
else console.log(`\n${table(figures)}\n\n${machine.cores} cores; load before: ${machine.loadBefore}`)
process.exitCode = values.check && figures.some(fails) ? 1 : 0
