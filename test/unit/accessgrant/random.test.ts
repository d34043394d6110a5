/** Random lives of delegations and masquerades against a model that knows the rules and nothing of how they are kept. */
import test from 'ava'
import { fc } from '../../random.ts'

import { accessGrant, tenant } from '../../gen.ts'
import { customer, hour, masquerade, minute, retention, scene } from './scene.ts'
import type { Scene } from './scene.ts'

interface Declared {
  readonly name: string
  readonly kind: 'Delegation' | 'Masquerade'
  readonly user: string
  readonly created: number
  /** Infinity with an open end. */
  end: number
  inForce: boolean
  /** Which of the tenants of that name it was given to. */
  readonly tenant: number
  /** Of a masquerade: what was said of it for good. */
  final?: 'Ended' | 'Refused'
}

interface Model {
  readonly grants: Map<string, Declared>
  tom: 'Technician' | 'Deactivated' | 'Admin' | 'Gone'
  on: boolean
  count: number
  /** Which of the tenants of that name is there. */
  tenant: number
}

const tomsUser = 'oidc:tom@acme.example.com'
const iso = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z')
const second = (milliseconds: number) => Math.floor(milliseconds / 1000) * 1000

type Move = (made: Scene, model: Model) => void | Promise<void>

const minutes = fc.integer({ min: 1, max: 90 })

const moves: fc.Arbitrary<readonly [string, Move]> = fc.oneof(
  minutes.map(
    (n) => [`${n} minutes pass`, (made) => made.world.clock.advance(n * minute)] as const satisfies [string, Move],
  ),
  fc
    .integer({ min: -90, max: 90 })
    .map((n) => [`the clock jumps by ${n} minutes`, jump(n)] as const satisfies [string, Move]),
  fc.option(minutes).map((n) => [`delegate ${n ?? 'without an end'}`, delegate(n)] as const),
  fc
    .tuple(fc.constantFrom('root', 'rita'), fc.integer({ min: 5, max: 60 }))
    .map(([user, n]) => [`${user} masquerades for ${n} minutes`, act(user, n)] as const),
  fc.nat(9).map((n) => [`end ${n} now or soon`, shorten(n)] as const),
  fc.nat(9).map((n) => [`delete ${n}`, remove(n)] as const),
  fc.constantFrom('Technician', 'Deactivated', 'Admin', 'Gone').map((tom) => [`tom: ${tom}`, become(tom)] as const),
  fc.boolean().map((on) => [on ? 'on' : 'off', turn(on)] as const),
  fc.constant(['another customer of that name', replace] as const),
  fc.constant(['restart', (made: Scene) => made.restart()] as const),
)

function jump(n: number): Move {
  return ({ world }) => world.clock.setWall(world.clock.now() + n * minute)
}

function delegate(n: number | null): Move {
  return (made, model) => {
    const name = `d${(model.count += 1)}`
    const created = second(made.world.clock.now())
    const end = n === null ? Infinity : created + n * minute
    const { tenant: given } = model
    model.grants.set(name, { name, kind: 'Delegation', user: tomsUser, created, end, inForce: false, tenant: given })
    put(made, model, name)
  }
}

function act(user: string, n: number): Move {
  return (made, model) => {
    const name = `m${String((model.count += 1)).padStart(4, '0')}`
    const created = second(made.world.clock.now())
    const [end, { tenant: given }] = [created + n * minute, model]
    model.grants.set(name, { name, kind: 'Masquerade', user, created, end, inForce: false, tenant: given })
    put(made, model, name)
  }
}

function put(made: Scene, { grants }: Model, name: string): void {
  const declared = grants.get(name)
  if (declared === undefined) return
  const { kind, user, created, end } = declared
  const common = { name, uid: `uid-${name}`, creationTimestamp: iso(created) }
  const object =
    kind === 'Delegation'
      ? accessGrant({ ...common, spec: end === Infinity ? {} : { until: iso(end) } })
      : masquerade({ ...common, spec: { username: user, duration: `${(end - created) / minute}m` } })
  const { status } = made.grant(name) ?? {}
  made.put({ ...object, ...(status === undefined ? {} : { status }) })
}

const nth = ({ grants }: Model, n: number) => [...grants.values()][n]

function shorten(n: number): Move {
  return (made, model) => {
    const declared = nth(model, n)
    const now = second(made.world.clock.now())
    if (declared === undefined) return
    const least = declared.kind === 'Masquerade' ? declared.created + minute : now + minute
    declared.end = Math.min(declared.end, least)
    put(made, model, declared.name)
  }
}

function remove(n: number): Move {
  return (made, model) => {
    const declared = nth(model, n)
    if (declared === undefined) return
    model.grants.delete(declared.name)
    made.world.cluster.remove('AccessGrant', `tenant-acme/${declared.name}`)
  }
}

function become(tom: Model['tom']): Move {
  return (made, model) => {
    model.tom = tom
    if (tom === 'Gone') made.world.cluster.remove('TenantAdmin', 'home/tom')
    else if (tom === 'Admin') made.technician({ role: 'Admin' })
    else made.technician({ state: tom === 'Deactivated' ? tom : 'Active' })
  }
}

function turn(on: boolean): Move {
  return (made, model) => {
    model.on = on
    made.world.edit({ state: on ? 'Active' : 'Deactivated' }, customer)
  }
}

async function replace(made: Scene, model: Model): Promise<void> {
  made.world.cluster.remove('Tenant', customer)
  await made.settle()
  model.tenant += 1
  model.on = true
  made.world.cluster.put(tenant({ name: 'globex', uid: `uid-globex-${model.tenant}`, namespace: 'tenant-acme' }))
}

/** What has to be so at `now`: the users who are bound by a grant. */
function expected(model: Model, now: number): ReadonlySet<string> {
  const all = [...model.grants.values()]
  for (const each of all) {
    if (each.kind === 'Masquerade' && each.final === undefined && each.end <= now) each.final = 'Ended'
    if (each.kind === 'Masquerade' && each.end + retention <= now) model.grants.delete(each.name)
  }
  const foreign = (each: Declared) => each.tenant !== model.tenant
  for (const each of all) if (each.kind === 'Masquerade' && foreign(each)) each.final ??= 'Refused'
  const rank = ({ inForce, created, name }: Declared) =>
    `${inForce && wasOn.has(model) ? 0 : 1} ${iso(created)} ${name}`
  for (const user of ['root', 'rita']) {
    const live = all.filter((each) => each.kind === 'Masquerade' && each.user === user && each.final === undefined)
    for (const loser of live.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(1)) loser.final = 'Refused'
  }
  for (const each of all)
    each.inForce =
      each.kind === 'Masquerade'
        ? each.final === undefined
        : model.tom === 'Technician' && each.end > now && !foreign(each)
  if (model.on) wasOn.add(model)
  else wasOn.delete(model)
  return new Set(all.filter(({ inForce }) => inForce).map(({ user }) => user))
}

/** Milliseconds: the grace period of a rotation, and how far the clocks of a life may be set back. */
const longest = hour + 30 * 90 * minute

/** The models whose tenant was on when they were last looked at: only then a grant can be in phase Active. */
const wasOn = new WeakSet<Model>()

test('random lives: bound is who has access by the rules, listed likewise, and nobody is forgotten by the password', async (t) => {
  t.timeout(300_000)
  let steps = 0
  await fc.assert(
    fc.asyncProperty(fc.array(moves, { minLength: 8, maxLength: 30 }), async (life) => {
      const made = await scene()
      const model: Model = { grants: new Map(), tom: 'Technician', on: true, count: 0, tenant: 0 }
      wasOn.add(model)
      for (const [, move] of life) {
        await move(made, model)
        await made.settle()
        const users = [...expected(model, made.world.clock.now())].toSorted()
        const role = model.on ? 'tenantry-tenant-granted' : 'tenantry-tenant-reader'
        const wanted = users.map((user) => `${user} ${role}`)
        if (String(made.bound()) !== String(wanted)) throw new Error(`${made.bound().join()} and not ${wanted.join()}`)
        const listed = made.entries().filter(({ origin }) => origin === 'Delegation' || origin === 'Masquerade')
        const same = String([...new Set(listed.map(({ user }) => user))].toSorted()) === String(users)
        if (!same) throw new Error(`listed: ${JSON.stringify(listed)}`)
        for (const { name, kind, inForce, final } of model.grants.values()) {
          const phase = inForce ? (model.on ? 'Active' : '-') : (final ?? '')
          const said = made.said(name)
          if (kind === 'Masquerade' || inForce) if (!said.startsWith(`${phase} `)) throw new Error(`${name}: ${said}`)
        }
        steps += 1
      }
      // The grace of a rotation, during which no other begins; it is longer where the clock was set back meanwhile.
      await made.after(longest)
      await made.after(longest)
      const people = new Set(['gus', 'jane', ...(model.tom === 'Admin' ? [tomsUser] : [])])
      for (const user of expected(model, made.world.clock.now())) people.add(user)
      const readers = made.world.tenant(customer).status?.database?.readers?.length
      if (readers !== people.size) throw new Error(`${readers} readers and not ${[...people].join()}`)
      const before = made.world.effects.length
      await made.settle()
      if (made.world.effects.length !== before) throw new Error('it does not come to rest')
    }),
    { numRuns: 40 },
  )
  t.log(`${steps} steps`)
  t.pass()
})
