/** The floor as the bench drives it. It ends with the calling process. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { FloorOptions, Order } from './floor.ts'
import type { FloorTenant } from './template.ts'

export interface Floor extends AsyncDisposable {
  /** Begins with this tenant at once, or as soon as there is a place. */
  make(tenant: FloorTenant): void
  /** @throws Error when the floor could not make one. */
  assertWell(): void
}

type Answer = { readonly ready: true } | { readonly made: string } | { readonly failed: string }

export async function startFloor(options: FloorOptions): Promise<Floor> {
  // A closed channel ends the child: nothing else keeps it from ending by itself.
  const child = fork(join(import.meta.dirname, 'floor.ts'))
  let failure: string | undefined
  const ready = Promise.withResolvers<void>()
  child.on('message', (answer: Answer) => {
    if ('ready' in answer) ready.resolve()
    if ('failed' in answer) {
      failure ??= answer.failed
      ready.reject(new Error(answer.failed))
    }
  })
  child.once('exit', () => ready.reject(new Error('The floor has ended.')))
  const tell = (order: Order): void => void child.send(order)
  tell({ start: options })
  await ready.promise
  return {
    make: (tenant) => tell({ make: tenant }),
    assertWell() {
      if (failure !== undefined) throw new Error(`The floor failed: ${failure}`)
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      tell({ end: true })
      await gone
    },
  }
}
