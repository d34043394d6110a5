/** Sessions that have ended are removed, slowly and by whichever replica comes first. */
import test from 'ava'
import { KubeError } from '../../../../operator/kube/port.ts'
import { silent } from '../../../../operator/runtime/logging/log.ts'
import { collectSessions, runSessionCollection } from '../../../../operator/web/sessions/collect-sessions.ts'
import { People, person, sessionSettings } from '../people.ts'

const portsOf = (people: People) => ({
  kube: people.kube,
  sessions: people.sessions,
  clock: people.clock,
  random: people.random,
  log: silent,
})

test('What has ended goes, twenty at a time, and what lives stays', async (t) => {
  const people = new People()
  for (let i = 0; i < 50; i += 1) await people.store.open({ person: person({ subject: `subject-${i}` }) })
  await people.clock.advance(31 * 60_000)
  await people.store.open({ person: person() })
  t.is(await collectSessions(portsOf(people), sessionSettings), 20)
  t.is(people.secrets('session-').length, 31)
  await collectSessions(portsOf(people), sessionSettings)
  await collectSessions(portsOf(people), sessionSettings)
  t.is(await collectSessions(portsOf(people), sessionSettings), 0)
  t.is(people.secrets('session-').length, 1)
})

test('More sessions than a person may have go too, where two replicas opened them at once', async (t) => {
  const people = new People({ most: 100 })
  for (let i = 0; i < 25; i += 1) await people.store.open({ person: person() })
  t.is(await collectSessions(portsOf(people), sessionSettings), 5)
})

test('A session that was used meanwhile stays', async (t) => {
  const people = new People()
  await people.store.open({ person: person() })
  await people.clock.advance(31 * 60_000)
  const [secret] = people.secrets('session-')
  const heard = people.server.onChange
  people.server.onChange = () => {}
  if (secret !== undefined) people.put(secret)
  people.server.onChange = heard
  await collectSessions(portsOf(people), sessionSettings)
  t.is(people.secrets('session-').length, 1)
})

test('It runs about once a minute until it is told to stop, and goes on after a failure', async (t) => {
  const people = new People()
  const stop = new AbortController()
  let failures = 2
  const kube: Pick<typeof people.kube, 'delete'> = {
    delete: (...all) => {
      if ((failures -= 1) >= 0) throw new KubeError('Unavailable', 'away', 503)
      return people.kube.delete(...all)
    },
  }
  await people.store.open({ person: person() })
  await people.clock.advance(31 * 60_000)
  const run = runSessionCollection({ ...portsOf(people), kube }, sessionSettings, stop.signal)
  await people.clock.advance(5 * 60_000)
  t.is(people.secrets('session-').length, 0)
  stop.abort()
  await run
  t.is(people.clock.pending, 0)
})
