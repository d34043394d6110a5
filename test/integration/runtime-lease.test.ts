import test, { type ExecutionContext } from 'ava'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { configMaps, leases, type ConfigMap } from '../../operator/kube/resources.ts'
import { harness, testNamespace } from '../harness/context.ts'
import { quickest } from '../harness/quickest.ts'
import { eventually } from '../harness/wait.ts'
import { connect } from './runtime-kube.ts'

const program = fileURLToPath(new URL('runtime-leader.ts', import.meta.url))

/** Milliseconds: as runtime-leader.ts has it, long enough for a machine that does other things beside. */
const lease = 8_000

/** A candidate in a process of its own, with what it said and when. */
function candidate(t: ExecutionContext, namespace: string, identity: string) {
  const process_: ChildProcess = spawn(
    process.execPath,
    [program, harness().cluster.kubeconfigPath, namespace, identity],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const said: { readonly line: string; readonly at: number }[] = []
  process_.stdout?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.trim().split('\n')) said.push({ line, at: performance.now() })
  })
  t.teardown(() => void process_.kill('SIGKILL'))
  const says = (line: string, timeout = 60_000) =>
    eventually(() => said.find((spoken) => spoken.line === line), { describe: `${identity} to say ${line}`, timeout })
  return { process: process_, says, lines: () => said.map(({ line }) => line) }
}

/** All that was made is listed each time. */
const slowly = { timeout: 60_000, interval: 250 }

const identityOf = ({ data }: ConfigMap) => data?.['identity']

// One at a time: each starts processes of its own, and measures.
test.serial('a leader that ends hands over within a second, with the next term', async (t) => {
  t.timeout(180_000)
  const took = await quickest(1_000, () => handOver(t))
  t.log(`handed over in ${Math.round(took)} ms`)
  t.true(took < 1_000, `${took} ms`)
})

/** Milliseconds from the signal to the first to the word of the second. */
async function handOver(t: ExecutionContext): Promise<number> {
  const kube = connect(t)
  const namespace = await testNamespace(t)
  const a = candidate(t, namespace, 'a')
  await a.says('leads 0')
  const b = candidate(t, namespace, 'b')
  await b.says('stands by')
  const exited = once(a.process, 'exit')
  const ended = performance.now()
  a.process.kill('SIGTERM')
  const { at } = await b.says('leads 1')
  await exited
  const found = await kube.get(leases, { namespace, name: 'tenantry' })
  t.like(found?.spec, { holderIdentity: 'b', leaseTransitions: 1 })
  return at - ended
}

test.serial('a leader that was frozen past its lease has no effect after it is thawed', async (t) => {
  t.timeout(240_000)
  const kube = connect(t)
  const namespace = await testNamespace(t)
  const a = candidate(t, namespace, 'a')
  await a.says('leads 0')
  const b = candidate(t, namespace, 'b')
  await eventually(async () => (await kube.list(configMaps, { namespace })).some((made) => identityOf(made) === 'a'))
  await b.says('stands by')
  a.process.kill('SIGSTOP')
  await b.says('leads 1')
  const first = await eventually(async () =>
    (await kube.list(configMaps, { namespace })).find((made) => identityOf(made) === 'b'),
  )
  a.process.kill('SIGCONT')
  await a.says('lost')
  const version = (made: ConfigMap) => Number(made.metadata.resourceVersion)
  const made = async () => (await kube.list(configMaps, { namespace })).filter((one) => identityOf(one) !== undefined)
  // The new leader goes on for a while, and the old one tries to.
  const some = (await made()).length
  const effects = await eventually(async () => {
    const all = await made()
    return all.length > some + 20 && all
  }, slowly)
  const late = effects.filter((one) => identityOf(one) === 'a' && version(one) > version(first))
  t.deepEqual(
    late.map(({ metadata }) => metadata.name),
    [],
  )
  t.true(effects.some((one) => identityOf(one) === 'b' && version(one) > version(first)))
  t.deepEqual(
    a.lines().filter((line) => line !== 'stands by'),
    ['leads 0', 'lost'],
  )
})

test.serial('a leader that is killed is followed within its lease and two seconds', async (t) => {
  t.timeout(180_000)
  const took = await quickest(lease + 2_000, () => takeOver(t))
  t.log(`taken over ${Math.round(took)} ms after the kill, with a lease of ${lease} ms`)
  t.true(took < lease + 2_000, `${took} ms`)
})

/** Milliseconds from the end of the first to the word of the second. */
async function takeOver(t: ExecutionContext): Promise<number> {
  const namespace = await testNamespace(t)
  const a = candidate(t, namespace, 'a')
  await a.says('leads 0')
  const b = candidate(t, namespace, 'b')
  await b.says('stands by')
  const killed = performance.now()
  a.process.kill('SIGKILL')
  const { at } = await b.says('leads 1')
  return at - killed
}
