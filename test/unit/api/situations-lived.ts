/** The rows of docs/reference/status.md against what objects are really told: registers a test for each. */
import test from 'ava'

import { findCondition, isTrue } from '../../../operator/api/conditions.ts'
import type { Condition, ConditionType } from '../../../operator/api/conditions.ts'
import { situations } from '../../../operator/api/situations.ts'
import type { Situation } from '../../../operator/api/situations.ts'
import { reportingFailures } from '../../../operator/app/told-failures.ts'
import type { Reconciled } from '../../../operator/domain/pass-failure.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import type { KubeObject, Resource } from '../../../operator/kube/port.ts'
import { keyOf } from '../../../operator/runtime/objects/object.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { Cluster } from '../tenant/cluster.ts'

interface WrittenLine {
  readonly phase: string | undefined
  readonly ready: string | undefined
  readonly available: string | undefined
  readonly marks: readonly (string | false)[]
  readonly reasons: readonly (string | undefined)[]
}

function line({ phase = '-', ready, available = '-', marks, reasons }: WrittenLine): string {
  const words = [...marks.filter((mark) => mark !== false), ...new Set(reasons)]
  return `${phase}: Ready=${ready} Available=${available} ${words.join(' ')}`
}

function lineOf({ also, deleting, reason, phase, ready, available }: Situation): string {
  return line({ phase, ready, available, marks: [also ?? false, deleting === true && 'deleting'], reasons: [reason] })
}

interface Subject extends KubeObject {
  readonly status?: { readonly phase?: string | undefined; readonly conditions?: readonly Condition[] | undefined }
}

/** What people and tools read of an object. Ready gives the same reason as Reconciling or Stalled while it is not True, or two are told. */
export function told({ status, metadata }: Subject): string {
  const of = (type: ConditionType) => findCondition(status?.conditions, type)
  const also = (['Reconciling', 'Stalled'] as const).filter((type) => isTrue(status?.conditions, type))
  const isReadyToo = isTrue(status?.conditions, 'Ready') && also.length > 0
  return line({
    phase: status?.phase,
    ready: of('Ready')?.status,
    available: of('Available')?.status,
    marks: [...also, metadata.deletionTimestamp !== undefined && 'deleting'],
    reasons: [...(isReadyToo ? [] : [of('Ready')]), ...also.map(of)].map((each) => each?.reason),
  })
}

/** Lives something, and returns all that the object was told on the way ({@link told}). */
export type Way = () => Promise<readonly string[]>

const refused = new KubeError('Forbidden', 'no', 403, { refusal: 'policy "x" denied: no', refusedBy: 'Policy' })

/** The rows of a pass that ends with an error over `object`, which no pass has seen before. */
export function failedPasses(resource: Resource<Reconciled>, object: Reconciled): Readonly<Record<string, Way>> {
  const ended =
    (by: unknown): Way =>
    async () => {
      const cluster = new Cluster()
      cluster.put(object)
      const key = keyOf(object)
      const read = () => cluster.find<Reconciled>(resource.kind, key)
      const fails = async () => {
        throw by
      }
      const kind = { resource, cache: { get: read }, isSeen: true }
      const pass = reportingFailures(kind, fails, { kube: cluster.kube, clock: new FakeClock() })
      await Promise.allSettled([pass(key, new AbortController().signal)])
      return [told(read() ?? object)]
    }
  return { '- ApiServerRefused': ended(refused), '- InternalError': ended(new TypeError('x is undefined')) }
}

/** `ways`: by `phase reason`, with `-` for no phase, and `, Ready` where it is that too; exactly the rows of the table. */
export function eachRowHappens(kind: keyof typeof situations, ways: Readonly<Record<string, Way>>): void {
  const rows: readonly Situation[] = situations[kind]
  const nameOf = ({ phase = '-', reason, ready, also }: Situation) =>
    `${phase} ${reason}${ready === 'True' && also !== undefined ? ', Ready' : ''}`
  test(`every row of the table of ${kind} is one that is made to happen here`, (t) => {
    t.deepEqual(rows.map(nameOf).toSorted(), Object.keys(ways).toSorted())
  })
  for (const row of rows) {
    const way = ways[nameOf(row)]
    if (way === undefined) continue
    test(`${nameOf(row)}: ${row.when}`, async (t) => {
      const seen = await way()
      t.true(seen.includes(lineOf(row)), `${lineOf(row)} is not among: ${seen.join('; ')}`)
    })
  }
}
