/**
 * Counts the external effects of the operator that this process is, per tenant, and ends the process (SIGKILL) right
 * before or after one that was chosen. What happens is written to a file with each effect, so that nothing is lost by the
 * end, and the next process knows of it.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { databaseNames } from '../../operator/api/names.ts'

/** One effect in a life: the `occurrence`th with this label, from 1. */
export interface Point {
  readonly label: string
  readonly occurrence: number
  readonly when: 'before' | 'after'
}

/** A tenant that is looked at, and where in its life the process is to end. */
export interface Arm {
  /** The name of the Tenant; its admin is called `<subject>-ada`. */
  readonly subject: string
  readonly point?: Point
  /** Those that are armed alike die together: each is held at its point until all have come to theirs, or for a moment. */
  readonly group?: string
}

/** Milliseconds that the first of a group is held. */
const held = 1500

export type Entry =
  | { readonly kind: 'effect'; readonly subject: string; readonly point: Point; readonly at: number }
  | { readonly kind: 'fired'; readonly subject: string; readonly point: Point; readonly at: number }
  /** What else the subject is called: the uids of Tenant and TenantAdmin. */
  | { readonly kind: 'alias'; readonly subject: string; readonly alias: string; readonly role: 'uid' | 'admin' }

export interface Files {
  /** JSON: Arm[], written by the test. */
  readonly arms: string
  /** One Entry a line, written here. */
  readonly log: string
}

export function readEntries(log: string): Entry[] {
  if (!existsSync(log)) return []
  const lines = readFileSync(log, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry) // written below
}

export class Effects {
  readonly #files: Files
  readonly #installation: string
  #entries: Entry[]

  constructor(files: Files, installation: string) {
    this.#files = files
    this.#installation = installation
    this.#entries = readEntries(files.log)
  }

  /** An object that came back from the API: tells the uids of tenants that are looked at. */
  learn(object: { readonly kind: string; readonly metadata: { readonly name: string; readonly uid?: string } }): void {
    const { kind, metadata } = object
    const role = kind === 'Tenant' ? 'uid' : 'admin'
    if (metadata.uid === undefined || (kind !== 'Tenant' && kind !== 'TenantAdmin')) return
    for (const { subject } of this.#arms()) {
      const alias = { kind: 'alias', subject, alias: metadata.uid, role } as const
      const known = this.#entries.some((entry) => entry.kind === 'alias' && entry.alias === metadata.uid)
      if (metadata.name === (kind === 'Tenant' ? subject : `${subject}-ada`) && !known) this.#write(alias)
    }
  }

  /**
   * `run`, which is one effect and begins at once, unless the process ends; `describe` names all that it is about. Where
   * others do not wait for this promise, nothing is held.
   */
  async around<T>(describe: string, run: () => Promise<T>, awaited = true): Promise<T> {
    const found = this.#subjectOf(describe)
    if (found === undefined) return run()
    const occurrence = this.#occurrences(found.subject, found.label) + 1
    const point = { label: found.label, occurrence }
    const before = this.#reach(found.subject, { ...point, when: 'before' }, awaited)
    if (before !== undefined) await before
    const result = await run()
    await this.#reach(found.subject, { ...point, when: 'after' }, awaited)
    return result
  }

  /** What never resolves, where the process is about to end; else nothing. */
  #reach(subject: string, point: Point, awaited: boolean): Promise<never> | undefined {
    this.#write({ kind: 'effect', subject, point, at: Date.now() })
    const arm = this.#arms().find((each) => each.subject === subject)
    const fired = this.#entries.some((entry) => entry.kind === 'fired' && entry.subject === subject)
    if (fired || arm?.point === undefined || !samePoint(arm.point, point)) return undefined
    this.#write({ kind: 'fired', subject, point, at: Date.now() })
    if (!awaited || this.#isLast(arm)) end()
    else setTimeout(end, held)
    return new Promise(() => undefined)
  }

  #isLast({ group }: Arm): boolean {
    const others = group === undefined ? [] : this.#arms().filter((each) => each.group === group)
    return others.every(({ subject }) =>
      this.#entries.some((each) => each.kind === 'fired' && each.subject === subject),
    )
  }

  #occurrences(subject: string, label: string): number {
    return this.#entries.filter(
      (entry) =>
        entry.kind === 'effect' &&
        entry.subject === subject &&
        entry.point.label === label &&
        entry.point.when === 'before',
    ).length
  }

  /** The tenant that a description is about, and the description with placeholders for its names. */
  #subjectOf(describe: string): { readonly subject: string; readonly label: string } | undefined {
    const aliases = this.#entries.filter((entry) => entry.kind === 'alias')
    for (const { subject } of this.#arms()) {
      let label = describe.replaceAll(subject, '<name>')
      for (const entry of aliases) {
        if (entry.subject !== subject) continue
        label = label.replaceAll(entry.alias, `<${entry.role}>`)
        if (entry.role === 'uid') label = label.replaceAll(this.#database(entry.alias), '<database>')
      }
      if (label !== describe) return { subject, label }
    }
    return undefined
  }

  #database(uid: string): string {
    return databaseNames(this.#installation, uid).database
  }

  #arms(): readonly Arm[] {
    return JSON.parse(readFileSync(this.#files.arms, 'utf8')) as Arm[] // written by the test, whole and at once
  }

  #write(entry: Entry): void {
    this.#entries.push(entry)
    appendFileSync(this.#files.log, `${JSON.stringify(entry)}\n`)
  }
}

function end(): void {
  process.kill(process.pid, 'SIGKILL')
}

export function samePoint(one: Point, other: Point): boolean {
  return one.label === other.label && one.occurrence === other.occurrence && one.when === other.when
}
