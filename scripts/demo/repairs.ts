/** What the operator's own log calls a repair: it replaces things as well, when a tenant goes off say. Pure. */
import { z } from 'zod'

const line = z.object({ why: z.literal('repair'), namespace: z.string(), object: z.string() })

/** How often each object was put right, by `Kind namespace/name`. */
export function repairsIn(log: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const text of log.split('\n')) {
    if (!text.includes('"repair"')) continue
    const { success, data } = line.safeParse(parsed(text))
    if (!success) continue
    const [kind = '', name = ''] = data.object.split(' ')
    const id = `${kind} ${data.namespace}/${name}`
    found.set(id, (found.get(id) ?? 0) + 1)
  }
  return found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
