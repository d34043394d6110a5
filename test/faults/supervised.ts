/** The operator as a kubelet keeps it: started again whenever it ends, in the same pod, with the next effect to die at. */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../harness/folder.ts'
import { newPod, startOperator } from '../harness/operator.ts'
import type { OperatorProcess } from '../harness/operator.ts'
import type { World } from '../harness/world.ts'
import { readEntries } from './effects.ts'
import type { Arm, Entry } from './effects.ts'

export interface Supervised extends AsyncDisposable {
  /** Looks at these tenants too from now on. */
  arm(arm: Arm): void
  /** What has happened to all of them so far. */
  entries(): readonly Entry[]
  /** When the process was started the last time, by performance.now(). */
  startedAt(): number
  /** Milliseconds that this start took until it was ready; undefined before. */
  readyAfter(): number | undefined
  /** The most milliseconds that a start has taken until it was ready: how fast this machine is today. */
  slowestStart(): number
  /** How many times it ended by itself. */
  ends(): number
  /** @throws Error when the process could not be started again. */
  assertRunning(): void
  /** What all processes have logged. */
  logs(): Promise<string>
  current(): OperatorProcess
}

export const faultInstallation = 'test'

/** `env`: more settings of the operator. */
export async function supervise(world: World, env: Readonly<Record<string, string>> = {}): Promise<Supervised> {
  const folder = await temporaryFolder('sweep')
  const files = { arms: join(folder.path, 'arms.json'), log: join(folder.path, 'effects.jsonl') }
  const arms: Arm[] = []
  const write = (): void => {
    writeFileSync(`${files.arms}.new`, JSON.stringify(arms))
    renameSync(`${files.arms}.new`, files.arms)
  }
  write()
  const pod = newPod()
  const start = (): Promise<OperatorProcess> =>
    startOperator({
      cluster: world.cluster,
      mail: world.mail,
      web: world.web,
      entry: 'test/faults/operator-with-faults.ts',
      pod,
      unready: true,
      env: {
        // Less work for each of many starts; some 0.4 s of 1.7 on a quiet machine.
        NODE_COMPILE_CACHE: join(folder.path, 'compiled'),
        ...env,
        FAULT_ARMS: files.arms,
        FAULT_LOG: files.log,
        TENANTRY_INSTALLATION: faultInstallation,
      },
    })
  let startedAt = performance.now()
  let operator = await start()
  let ready: number | undefined = await operator.ready(60_000)
  let slowest = ready
  const ending = new AbortController()
  let ends = 0
  let failure: Error | undefined
  const logs: string[] = []
  const keepAlive = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await operator.process.exited
      if (ending.signal.aborted) return
      ends += 1
      logs.push(await operator.logs())
      startedAt = performance.now()
      ready = undefined
      const started = await start()
      operator = started
      // One that ends before it is ready tells nothing.
      void started.ready(60_000).then(
        (time) => {
          slowest = Math.max(slowest, time)
          if (operator === started) ready = time
        },
        () => undefined,
      )
    }
  }
  const kept = keepAlive().catch((error: unknown) => {
    failure = new Error('The operator could not be started again.', { cause: error })
  })
  return {
    arm(arm) {
      arms.push(arm)
      write()
    },
    entries: () => readEntries(files.log),
    startedAt: () => startedAt,
    readyAfter: () => ready,
    slowestStart: () => slowest,
    ends: () => ends,
    assertRunning() {
      if (failure !== undefined) throw failure
    },
    logs: async () => [...logs, await operator.logs()].join(''),
    current: () => operator,
    async [Symbol.asyncDispose]() {
      ending.abort()
      await operator[Symbol.asyncDispose]()
      await kept
      await folder.remove()
    },
  }
}
