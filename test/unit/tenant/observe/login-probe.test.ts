/** When a tenant's Secret is tried: in its turn, and at once where something says that its password may be another. */
import test from 'ava'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import type { PostgresServer } from '../../../../operator/postgres/model/port.ts'
import { LoginProbes } from '../../../../operator/tenant/observe/login-probe.ts'
import type { LoginFacts } from '../../../../operator/tenant/observe/ports.ts'

const interval = 600_000
const noticed = '2030-01-01T00:00:00Z'

const facts: LoginFacts = {
  uid: 'u',
  server: 'main',
  database: 'd',
  username: 'a',
  secret: { namespace: 'n', name: 's' },
  password: 'digest',
}

/** Whose Secret opens, or does not; the clock stands at what is set. */
function probes() {
  const state = { at: 0, opens: true, answers: true, tries: 0 }
  const clock = { monotonic: () => state.at, now: () => Date.parse(noticed) + state.at }
  const data = { username: btoa('a'), password: btoa('p'.repeat(43)) }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' }, data }
  const server = {
    probe: async () => {
      state.tries += 1
      if (!state.answers) throw new PostgresError('Unavailable', 'too many clients already')
      return state.opens
    },
  } as unknown as PostgresServer // all that is asked of it here
  const made = new LoginProbes(
    {
      clock,
      random: { fraction: () => 0.5 },
      kube: { get: async () => secret } as never, // all that is asked of it here
      connect: async () => server,
    },
    interval,
  )
  const signal = new AbortController().signal
  return { state, made, probe: (more: Partial<LoginFacts> = {}) => made.probe({ ...facts, ...more }, signal) }
}

test('the first try comes in its turn, and the next one an interval later', async (t) => {
  const { state, made, probe } = probes()
  t.is(await probe(), 'NotDue')
  t.is(made.dueIn('u'), interval / 2)
  state.at = interval / 2
  t.is(await probe(), 'Accepted')
  t.is(made.dueIn('u'), interval)
  t.is(state.tries, 1)
})

test('after its roles were put right it is tried a moment later', async (t) => {
  const { state, made, probe } = probes()
  await probe()
  made.hurry('u')
  t.is(made.dueIn('u'), 200)
  state.at = 200
  state.opens = false
  t.is(await probe(), 'Refused')
})

test('a server that was set back has it tried at once, and once', async (t) => {
  const { state, probe } = probes()
  t.is(await probe({ setBackAt: noticed }), 'Accepted')
  t.is(await probe({ setBackAt: noticed }), 'NotDue')
  state.at = 60_000
  const again = '2030-01-01T00:00:30Z'
  t.is(await probe({ setBackAt: again }), 'Accepted')
  t.is(await probe({ setBackAt: again }), 'NotDue')
  t.is(state.tries, 2)
})

test('that a server was set back long ago is no news after a restart', async (t) => {
  const { state, probe } = probes()
  state.at = interval
  t.is(await probe({ setBackAt: noticed }), 'NotDue')
})

test('a server that says neither yes nor no is asked again soon, with growing pauses', async (t) => {
  const { state, made, probe } = probes()
  state.answers = false
  t.is(await probe({ setBackAt: noticed }), 'NotDue')
  t.is(made.dueIn('u'), 1000)
  state.at = 1000
  t.is(await probe({ setBackAt: noticed }), 'NotDue')
  t.is(made.dueIn('u'), 2000)
  state.at = 3000
  state.answers = true
  state.opens = false
  t.is(await probe({ setBackAt: noticed }), 'Refused')
  t.is(state.tries, 3)
})
