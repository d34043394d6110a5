/** All invariants that can be judged at a moment, over a world of one's own. */
import { credentialsOf, invitesOf, loginsOn, readFacts, secretsIn } from '../harness/facts.ts'
import type { Credentials, Facts } from '../harness/invariants.ts'
import { leaks, logins, orphans, repeatedMails, trespassers } from '../harness/invariants.ts'
import { entriesOf } from '../harness/postgres-log.ts'
import { eventually } from '../harness/wait.ts'
import type { World } from '../harness/world.ts'
import { readFile } from 'node:fs/promises'

export interface Judging {
  readonly installation?: string
  /** Times the operator died between the relay's answer and its record. */
  readonly mailCrashes?: number
  /** What the operator has logged. */
  readonly logs?: string
}

/** Tenants of which the credentials are tried against each other: the matrix grows with the square. */
const tried = 4

/**
 * I1, I2, I3, I5 and I6; I4 takes its time and is judged where nothing happens. Sentences; none is good. What follows from
 * the last step may still be under way: it has a minute.
 */
export async function violations(world: World, options: Judging = {}): Promise<string[]> {
  const none = async () => (await violationsNow(world, options)).length === 0
  const isGood = await eventually(none, { timeout: 60_000, interval: 500 }).catch(() => false)
  return isGood ? [] : violationsNow(world, options)
}

async function violationsNow(world: World, options: Judging): Promise<string[]> {
  const { installation = 'test', mailCrashes = 0, logs = '' } = options
  const sources = { api: world.api, postgres: world.postgres, namespace: world.installation.namespace, installation }
  const facts = await readFacts(sources)
  return [
    ...orphans(facts),
    ...trespassers(facts),
    ...(await logins(keysIn(facts).slice(0, tried), loginsOn(world.postgres))),
    ...repeatedMails(invitesOf(facts), await world.mail.all(), mailCrashes),
    ...(await leaksIn(world, facts, logs)),
  ]
}

/** Whoever is Provisioning had a trouble that has not been seen to be over yet, with its login as it was. */
const offPhases: ReadonlySet<unknown> = new Set(['Deactivated', 'Archived', 'Expired'])

/** The credentials in the Secrets, and whether the status says that the tenant is off. */
function keysIn(facts: Facts): readonly Credentials[] {
  const off = facts.tenants.filter(({ status }) => offPhases.has(status?.['phase']))
  const namespaces = new Set(off.map(({ status }) => status?.['namespace']))
  return credentialsOf(facts).map((credentials) => ({ ...credentials, off: namespaces.has(credentials.tenant) }))
}

/** I5 over all that can be read; `logs`: the operator's. */
export async function leaksIn(world: World, facts: Facts, logs: string): Promise<string[]> {
  return leaks(await secretsOf(world), await textsOf(world, facts, logs))
}

/** What the Secrets hold, and the links of the mails. */
async function secretsOf(world: World): Promise<Record<string, string>> {
  const links = (await world.mail.all()).flatMap(({ links: all, to }) => {
    const token = new URL(all[0] ?? 'http://none/').searchParams.get('token')
    return token === null ? [] : [[`the token of ${to.join(', ')}`, token] as const]
  })
  return {
    ...(await secretsIn({ api: world.api, namespace: world.installation.namespace })),
    ...Object.fromEntries(links),
  }
}

async function textsOf(world: World, facts: Facts, logs: string): Promise<Record<string, string>> {
  const events = await world.api.list('/apis/events.k8s.io/v1/events')
  return {
    "the operator's log": logs,
    "PostgreSQL's log": withoutSuperuser(await readFile(world.postgres.logPath, 'utf8')),
    'an Event': JSON.stringify(events),
    'the statuses': JSON.stringify([...facts.tenants, ...facts.admins].map(({ status }) => status)),
    'a claim': JSON.stringify(facts.claims),
    'a namespace': JSON.stringify(facts.namespaces),
    "PostgreSQL's comments": JSON.stringify([...facts.roles, ...facts.databases]),
  }
}

/** The superuser is the harness: it gives the operator's account its password. */
function withoutSuperuser(log: string): string {
  return entriesOf(log)
    .filter((entry) => !/^\S+ \S+ UTC \[\d+\] postgres@/.test(entry))
    .join('\n')
}
