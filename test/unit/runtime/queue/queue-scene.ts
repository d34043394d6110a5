/** A queue with a fake clock, and the keys that it hands out. */
import { Queue } from '../../../../operator/runtime/queue/queue.ts'
import { FakeClock, seededRandom, settle } from '../fake-clock.ts'

export function queueWith(options: { workers?: number } = {}) {
  const clock = new FakeClock()
  return { clock, queue: new Queue({ clock, random: seededRandom(), ...options }) }
}

/** The key that is handed out now, or undefined when the taker has to wait. */
export async function taken(queue: Queue): Promise<string | undefined> {
  let key: string | undefined
  void queue.take().then((next) => (key = next))
  await settle()
  return key
}
