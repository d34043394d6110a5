/** Where random lives are led: a world of their own, and an operator that is started again whenever it ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import { newPod, startOperator } from '../../harness/operator.ts'
import type { OperatorProcess } from '../../harness/operator.ts'
import { startWorld } from '../../harness/world.ts'
import type { World } from '../../harness/world.ts'
import { emptyMemory, listen } from './memory.ts'
import type { Memory } from './memory.ts'

export interface Scene extends AsyncDisposable {
  readonly world: World
  readonly memory: Memory
  /** SIGKILL, and a new start of the same pod at once, as by a kubelet. */
  kill(): Promise<void>
  stopPostgres(mode: 'fast' | 'immediate', time: number): Promise<void>
  stopMail(time: number): Promise<void>
  operator(): OperatorProcess
  /** What all its processes have logged. */
  logs(): Promise<string>
}

export async function openScene(onProgress: (sentence: string) => void): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  try {
    const world = stack.use(await startWorld({ onProgress }))
    await prepare(world)
    const keeper = stack.use(await keep(world))
    const memory = emptyMemory()
    const ending = new AbortController()
    const listening = listen(world.api, memory, ending.signal)
    stack.defer(async () => {
      ending.abort()
      await listening
    })
    const once = exclusive()
    const kill = (): Promise<void> => {
      memory.disturbances += 1
      return once('operator', () => keeper.restart())
    }
    return {
      world,
      memory,
      kill,
      stopPostgres: (mode, time) =>
        once('postgres', async () => {
          await world.postgres.down(mode)
          await sleep(time)
          await world.postgres.up()
        }),
      stopMail: (time) =>
        once('mail', async () => {
          memory.disturbances += 1
          await world.mail.down()
          await sleep(time)
          await world.mail.up()
        }),
      operator: () => keeper.current(),
      logs: () => keeper.logs(),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** A rotation is over within a round; the server takes tenants of both isolations. */
async function prepare({ api, installation }: World): Promise<void> {
  const group = '/apis/tenantry.dev/v1alpha1'
  const [plan, server] = [
    `${group}/tenantplans/${installation.plan}`,
    `${group}/databaseservers/${installation.server}`,
  ]
  await api.send('PATCH', plan, { spec: { database: { rotation: { grace: '1s' } } } })
  await api.send('PATCH', server, { spec: { isolation: ['Database', 'Schema'] } })
}

interface Keeper extends AsyncDisposable {
  restart(): Promise<void>
  current(): OperatorProcess
  logs(): Promise<string>
}

async function keep(world: World): Promise<Keeper> {
  const pod = newPod()
  // Former names are free again soon, so that others can take them.
  const env = { TENANTRY_ALIAS_DURATION: '3s' }
  const start = () =>
    startOperator({ cluster: world.cluster, mail: world.mail, web: world.web, pod, unready: true, env })
  const before: string[] = []
  let operator = await start()
  await operator.ready(60_000)
  return {
    async restart() {
      await operator.kill()
      before.push(await operator.logs())
      await operator[Symbol.asyncDispose]()
      operator = await start()
    },
    current: () => operator,
    logs: async () => [...before, await operator.logs()].join(''),
    [Symbol.asyncDispose]: () => operator[Symbol.asyncDispose](),
  }
}

/** What is done to one thing is done in turn. */
function exclusive() {
  const last = new Map<string, Promise<void>>()
  return (what: string, run: () => Promise<void>): Promise<void> => {
    const next = (last.get(what) ?? Promise.resolve()).then(run)
    last.set(what, next)
    return next
  }
}
