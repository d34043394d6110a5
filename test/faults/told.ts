/** What people are told by Events. */
import type { World } from '../harness/world.ts'

interface WrittenLine {
  readonly regarding?: { readonly kind?: string; readonly name?: string }
  readonly reason?: string
  readonly note?: string
  readonly series?: { readonly count: number }
}

/** All Events of this reason. */
export async function eventsOf({ api }: World, reason: string): Promise<readonly WrittenLine[]> {
  const events = await api.list<WrittenLine>('/apis/events.k8s.io/v1/events')
  return events.filter((event) => event.reason === reason)
}

/** Answers what is told of an object: its Events' reasons in alphabetical order, `Activated, ExpiresSoon 2 times`. */
export async function reasonsIn({ api }: World): Promise<(kind: string, name: string) => string> {
  const events = await api.list<WrittenLine>('/apis/events.k8s.io/v1/events')
  return (kind, name) =>
    events
      .filter(({ regarding }) => regarding?.kind === kind && regarding.name === name)
      .map(({ reason = '', series }) => (series === undefined ? reason : `${reason} ${series.count} times`))
      .toSorted()
      .join(', ')
}
