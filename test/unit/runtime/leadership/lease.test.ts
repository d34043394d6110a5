import test from 'ava'
import { KubeError } from '../../../../operator/kube/port.ts'
import { leases } from '../../../../operator/kube/resources.ts'
import type { Clock } from '../../../../operator/runtime/base/clock.ts'
import { fenced } from '../../../../operator/runtime/leadership/fence.ts'
import { LeaseElection } from '../../../../operator/runtime/leadership/lease.ts'
import { silent } from '../../../../operator/runtime/logging/log.ts'
import { FakeClock, seededRandom } from '../fake-clock.ts'
import { FakeKube } from '../fake-kube.ts'
import { LostLeadership } from '../../../../operator/runtime/base/effect-check.ts'

const name = { namespace: 'tenantry', name: 'tenantry' }

/** A clock whose owner can be frozen like a process by SIGSTOP: time goes on, but nothing of it runs until it is thawed. */
function freezable(clock: Clock, wallSkew = 0) {
  let frozen = false
  const missed: (() => void)[] = []
  return {
    now: () => clock.now() + wallSkew,
    monotonic: clock.monotonic,
    after: (delay: number, run: () => void) => clock.after(delay, () => (frozen ? missed.push(run) : run())),
    freeze: () => void (frozen = true),
    thaw: () => {
      frozen = false
      for (const run of missed.splice(0)) run()
    },
  }
}

function candidate(kube: FakeKube, clock: Clock, identity: string) {
  const story: string[] = []
  const election = new LeaseElection(
    { ...name, identity },
    {
      kube,
      watcher: kube,
      clock,
      random: seededRandom(),
      log: silent,
      onLeading: (term) => void story.push(`leads ${term}`),
      onLost: () => void story.push('lost'),
    },
  )
  const stop = new AbortController()
  return { election, story, stop, run: () => void election.run(stop.signal) }
}

test('the first candidate leads, the second stands by for as long as the first renews', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const [a, b] = [candidate(kube, clock, 'a'), candidate(kube, clock, 'b')]
  a.run()
  await clock.advance(0)
  b.run()
  await clock.advance(120_000)
  t.deepEqual([a.story, b.story], [['leads 0'], []])
  t.true(a.election.isLeader())
  t.false(b.election.isLeader())
  t.is(b.election.holder, 'a')
  t.is(a.election.term, 0)
  t.is(b.election.term, undefined)
})

test('after a crash the other takes over when the lease has run out, not earlier, with a greater term', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const crashing = freezable(clock)
  const [a, b] = [candidate(kube, crashing, 'a'), candidate(kube, clock, 'b')]
  a.run()
  await clock.advance(1_000)
  b.run()
  await clock.advance(9_000)
  crashing.freeze()
  await clock.advance(12_900)
  t.deepEqual(b.story, [])
  await clock.advance(2_600)
  t.deepEqual(b.story, ['leads 1'])
})

test('a release is taken up at once, and the one who released refuses effects already', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const [a, b] = [candidate(kube, clock, 'a'), candidate(kube, clock, 'b')]
  a.run()
  await clock.advance(0)
  b.run()
  await clock.advance(5_000)
  const releasing = a.election.release()
  t.false(a.election.isLeader())
  await releasing
  await clock.advance(10)
  t.deepEqual(b.story, ['leads 1'])
  await clock.advance(60_000)
  t.deepEqual(a.story, ['leads 0'])
})

test('a release that a renewal on its way came before is written once more; one that came too late is nobody’s any more', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const [a, b] = [candidate(kube, clock, 'a'), candidate(kube, clock, 'b')]
  a.run()
  await clock.advance(1_000)
  // Committed, and its answer not yet heard.
  const live = await kube.get(leases, name)
  if (live !== undefined) await kube.replace(leases, live)
  b.run()
  await a.election.release()
  await clock.advance(10)
  t.deepEqual(b.story, ['leads 1'])
  await kube.patch(leases, name, { spec: { holderIdentity: 'c', leaseTransitions: 2 } })
  await b.election.release()
  t.is((await kube.get(leases, name))?.spec?.holderIdentity, 'c')
})

test('a leader that was frozen past its lease knows it with its first instruction, before any timer runs', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const freezing = freezable(clock)
  const [a, b] = [candidate(kube, freezing, 'a'), candidate(kube, clock, 'b')]
  a.run()
  await clock.advance(0)
  b.run()
  const writer = fenced(kube, a.election)
  await clock.advance(3_000)
  freezing.freeze()
  await clock.advance(60_000)
  t.deepEqual(b.story, ['leads 1'])
  t.false(a.election.isLeader())
  kube.calls.length = 0
  await t.throwsAsync(writer.delete(leases, name, { uid: 'any' }), { instanceOf: LostLeadership })
  t.deepEqual(kube.calls, [])
  freezing.thaw()
  await clock.advance(5_000)
  t.deepEqual(a.story, ['leads 0', 'lost'])
  t.true(b.election.isLeader())
})

test('wall clocks that are an hour apart change nothing', async (t) => {
  for (const skew of [-3_600_000, 3_600_000]) {
    const [kube, clock] = [new FakeKube(), new FakeClock()]
    const [a, b] = [candidate(kube, freezable(clock, skew), 'a'), candidate(kube, clock, 'b')]
    a.run()
    await clock.advance(0)
    b.run()
    await clock.advance(120_000)
    t.deepEqual([a.story, b.story], [['leads 0'], []])
  }
})

test('a leader that cannot renew gives up before anybody else may take over, and leads again when it can', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const a = candidate(kube, clock, 'a')
  a.run()
  await clock.advance(4_000)
  kube.before = () => {
    throw new KubeError('Unavailable', 'refused', 0)
  }
  await clock.advance(9_900)
  t.deepEqual(a.story, ['leads 0'])
  await clock.advance(200)
  t.deepEqual(a.story, ['leads 0', 'lost'])
  t.false(a.election.isLeader())
  kube.before = () => {}
  await clock.advance(4_000)
  t.deepEqual(a.story, ['leads 0', 'lost', 'leads 1'])
})

test('a renewal that hangs does not keep the leader from noticing', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const a = candidate(kube, clock, 'a')
  a.run()
  await clock.advance(1_000)
  kube.before = () => new Promise(() => {})
  await clock.advance(10_100)
  t.deepEqual(a.story, ['leads 0', 'lost'])
  // Nor does it keep it from standing again, although that call never ends.
  kube.before = () => {}
  await clock.advance(10_000)
  t.deepEqual(a.story, ['leads 0', 'lost', 'leads 1'])
})

test('an answer to a renewal that was lost on the way costs nothing', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const a = candidate(kube, clock, 'a')
  a.run()
  await clock.advance(1_000)
  const live = await kube.get(leases, name)
  // What a renewal of our own that was answered into the void leaves behind: a version we have not seen.
  if (live !== undefined) await kube.replace(leases, live)
  await clock.advance(60_000)
  t.deepEqual(a.story, ['leads 0'])
  t.true(a.election.isLeader())
})

test('a lease that somebody else wrote himself into is lost at the next renewal', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const a = candidate(kube, clock, 'a')
  a.run()
  await clock.advance(1_000)
  await kube.patch(leases, name, { spec: { holderIdentity: 'intruder', leaseTransitions: 7 } })
  await clock.advance(2_100)
  t.deepEqual(a.story, ['leads 0', 'lost'])
  await clock.advance(20_000)
  t.deepEqual(a.story, ['leads 0', 'lost', 'leads 8'])
})

test('a container that restarts in its pod takes its own lease back at once, with a new term', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const dying = freezable(clock)
  candidate(kube, dying, 'pod').run()
  await clock.advance(1_000)
  dying.freeze()
  const next = candidate(kube, clock, 'pod')
  next.run()
  await clock.advance(10)
  t.deepEqual(next.story, ['leads 1'])
})

test('a lease that is deleted is made anew, with a term that was not used before', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const a = candidate(kube, clock, 'a')
  a.run()
  await clock.advance(1_000)
  await kube.patch(leases, name, { spec: { leaseTransitions: 4, holderIdentity: 'b' } })
  await clock.advance(20_000)
  t.deepEqual(a.story, ['leads 0', 'lost', 'leads 5'])
  await kube.delete(leases, name, { uid: (await kube.get(leases, name))?.metadata.uid ?? '' })
  await clock.advance(5_000)
  t.deepEqual(a.story, ['leads 0', 'lost', 'leads 5', 'lost', 'leads 6'])
})

test('two who see a free lease at the same time: one leads', async (t) => {
  const [kube, clock] = [new FakeKube(), new FakeClock()]
  const both = [candidate(kube, clock, 'a'), candidate(kube, clock, 'b'), candidate(kube, clock, 'c')]
  for (const { run } of both) run()
  await clock.advance(30_000)
  t.is(both.filter(({ election }) => election.isLeader()).length, 1)
  t.is(both.flatMap(({ story }) => story).length, 1)
})
