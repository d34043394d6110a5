/**
 * The content of an etcd in whose cluster the chart is installed. A cluster that begins with it needs neither the objects of
 * the chart nor those of Kubernetes itself to be created, compiled and checked once more.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { etcdAt } from './etcd.ts'
import { eventually } from './wait.ts'

/** What belongs to one cluster: its certificates, its processes, and what has happened in it. */
const ofOneCluster = [/^\/registry\/configmaps\/[^/]+\/kube-root-ca\.crt$/, /^\/registry\/(leases|events)\//]

/** Writes all that this etcd holds into a file. */
export async function keepInstalled(etcdUrl: string, path: string): Promise<void> {
  const pairs = await etcdAt(etcdUrl).range('/registry/')
  const kept = pairs
    .filter(({ key }) => !ofOneCluster.some((pattern) => pattern.test(key)))
    .map(({ key, value }) => [key, value.toString('base64')])
  await writeFile(path, JSON.stringify(kept), { mode: 0o600 })
}

/** Writes what such a file holds into an etcd that has just been started. */
export async function writeInstalled(path: string, etcdUrl: string): Promise<void> {
  const kept = JSON.parse(await readFile(path, 'utf8')) as readonly (readonly [string, string])[] // keepInstalled wrote it
  const etcd = etcdAt(etcdUrl)
  await eventually(async () => (await etcd.revision()) > 0, { timeout: 60_000, describe: 'etcd to answer' })
  await etcd.write(kept.map(([key, value]) => ({ key, value: Buffer.from(value, 'base64') })))
}
