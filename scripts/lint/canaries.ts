/**
 * For each rule small trees that must be caught (the first file breaks the rule) and small trees that must pass. A rule
 * that lets one of the former go, or has none, is broken itself.
 */
export interface Canary {
  readonly rule: string
  readonly caught: boolean
  readonly files: Readonly<Record<string, string>>
}

const caught = (rule: string, path: string, source: string, others: Readonly<Record<string, string>> = {}): Canary => ({
  rule,
  caught: true,
  files: { [path]: source, ...others },
})

const passes = (rule: string, path: string, source: string, others: Readonly<Record<string, string>> = {}): Canary => ({
  ...caught(rule, path, source, others),
  caught: false,
})

const decide = 'operator/tenant/decide.ts'

const purity: readonly Canary[] = [
  caught('pure-imports', decide, "import { readFile } from 'node:fs/promises'"),
  caught('pure-imports', 'operator/tenant/decide-deletion.ts', "import pg from 'pg'"),
  caught('pure-imports', 'operator/tenant/checks.ts', "export { connect } from 'node:net'"),
  caught('pure-imports', 'operator/tenant/namespace/objects.ts', "const http = await import('node:http')"),
  caught('pure-imports', 'operator/postgres/statements.ts', "import 'undici'"),
  caught('pure-imports', 'operator/mail/message.ts', "import { createTransport } from 'nodemailer'"),
  caught('pure-imports', 'operator/config/config.ts', "import { readFileSync } from 'node:fs'"),
  caught('pure-imports', 'operator/api/tenant.ts', "import '../kube/adapter.ts'", {
    'operator/kube/adapter.ts': "import '@kubernetes/client-node'",
  }),
  caught(
    'pure-imports',
    'operator/tenantadmin/invite/invite.ts',
    "/** One invite. Pure. */\nimport { a } from './a.ts'",
    {
      'operator/tenantadmin/invite/a.ts': "import { b } from '../../b.ts'",
      'operator/b.ts': "import 'node:child_process'",
    },
  ),
  caught('pure-imports', 'operator/tenant/placement.ts', "/** Chooses a server. Pure. */\nimport 'node:http'"),
  passes('pure-imports', 'operator/kube/kubeconfig.ts', "import { KubeConfig } from '@kubernetes/client-node'"),
  passes('pure-imports', decide, "import type { Socket } from 'node:net'\nimport { createHash } from 'node:crypto'"),
  passes('pure-imports', 'operator/tenant/observe.ts', "import { readFile } from 'node:fs/promises'"),
  caught('pure-deadlines', decide, 'AbortSignal.timeout(5)'),
  caught('pure-deadlines', 'operator/api/tenant.ts', "void fetch('http://localhost')"),
  passes('pure-deadlines', 'operator/kube/adapter.ts', 'AbortSignal.timeout(5)'),
]

const ambient: readonly Canary[] = [
  ...[
    'process.env.HOME',
    "globalThis.process.env['HOME']",
    'const { env } = process',
    'Date.now()',
    'globalThis.Date.now()',
    'new Date()',
    'Date()',
    'const clock = Date',
    'performance.now()',
    'Math.random()',
    'setTimeout(run, 1)',
    'globalThis.setTimeout(run, 1)',
    'setInterval(run, 1)',
    'crypto.randomUUID()',
    "import process from 'node:process'",
    "import { setTimeout as wait } from 'node:timers/promises'",
    "import { performance } from 'node:perf_hooks'",
  ].map((source) => caught('ambient', 'operator/kube/adapter.ts', source)),
  ...['new Date(0)', 'Date.parse(text)', 'Math.max(1, 2)', 'clock.now()', 'type Timer = typeof setTimeout'].map(
    (source) => passes('ambient', 'operator/kube/adapter.ts', source),
  ),
  passes('ambient', 'operator/main.ts', 'process.env.HOME; Date.now(); setTimeout(run, 1)'),
  caught('randomness', 'operator/web/app.ts', "import { randomBytes } from 'node:crypto'"),
  caught('randomness', 'operator/web/app.ts', "import crypto from 'node:crypto'"),
  caught('randomness', 'operator/web/app.ts', "import * as crypto from 'node:crypto'"),
  passes('randomness', 'operator/web/app.ts', "import { createHmac, timingSafeEqual } from 'node:crypto'"),
]

const layers: readonly Canary[] = [
  caught('package-homes', 'operator/main.ts', "import D from '@dot-i/k8s-operator'"),
  caught(
    'package-homes',
    'operator/runtime/cache/reflector.ts',
    "import type { V1Pod } from '@kubernetes/client-node'",
  ),
  caught('package-homes', 'operator/web/app.ts', "import { Agent } from 'undici'"),
  caught('package-homes', 'operator/databaseserver/observe.ts', "import pg from 'pg'"),
  caught(
    'package-homes',
    'operator/tenantadmin/apply.ts',
    "import { createTransport } from 'nodemailer/lib/smtp-pool'",
  ),
  caught('package-homes', 'operator/tenant/reconciler.ts', "import fastify from 'fastify'"),
  passes('package-homes', 'operator/app/operator.ts', "import D from '@dot-i/k8s-operator'"),
  passes('package-homes', 'operator/runtime/process/health.ts', "import fastify from 'fastify'"),
  caught('operator-knows-no-tests', 'operator/main.ts', "import '../test/gen.ts'"),
  passes('operator-knows-no-tests', 'operator/main.ts', "import './config/config.ts'"),
]

const folders: readonly Canary[] = [
  caught('folder-order', 'operator/runtime/queue/queue.ts', "import type { Tenant } from '../../api/tenant.ts'"),
  caught('folder-order', 'operator/postgres/postgres.ts', "import '../tenant/observe/observe.ts'"),
  caught('folder-order', 'operator/api/tenant.ts', "import '../tenantplan/reconciler.ts'"),
  caught(
    'folder-order',
    'operator/tenant/model/snapshot.ts',
    "export type { Brake } from '../lifecycle/deletion-brake.ts'",
  ),
  caught('folder-order', 'operator/tenant/decide/decide.ts', "const tenant = await import('../apply/apply.ts')"),
  caught('folder-order', 'operator/attic/old.ts', 'export {}'),
  passes('folder-order', 'operator/tenant/reconciler.ts', "import './apply/apply.ts'\nimport '../api/tenant.ts'"),
  passes('folder-order', 'operator/api/kind.ts', "import type { KubeObject } from '../kube/port.ts'"),
  passes('folder-order', 'operator/domain/marks.ts', "import { ownerOf } from './ownership.ts'"),
  caught('no-circle', 'operator/domain/a.ts', "import type { B } from './b.ts'", {
    'operator/domain/b.ts': "export { c } from './c.ts'",
    'operator/domain/c.ts': "import { a } from './a.ts'",
  }),
  passes('no-circle', 'operator/domain/a.ts', "import './b.ts'\nimport './c.ts'", {
    'operator/domain/b.ts': "import './c.ts'",
    'operator/domain/c.ts': 'export {}',
  }),
]

const shape: readonly Canary[] = [
  caught('file-length', 'operator/tenant/observe.ts', 'export {}\n'.repeat(251)),
  passes('file-length', 'operator/tenant/observe.ts', 'export {}\n'.repeat(250)),
  ...['operator/utils.ts', 'operator/tenant/string-helpers.ts', 'test/helper/a.ts', 'operator/common/a.ts'].map(
    (path) => caught('file-names', path, 'export {}'),
  ),
  passes('file-names', 'operator/tenant/commonality.ts', 'export {}'),
  caught('unique-file-names', 'operator/tenant/drift.ts', 'export {}', { 'operator/postgres/drift.ts': 'export {}' }),
  passes('unique-file-names', 'operator/tenant/drift.ts', 'export {}', { 'test/unit/drift.ts': 'export {}' }),
  passes('unique-file-names', 'operator/tenant/decide.ts', 'export {}', { 'operator/admin/decide.ts': 'export {}' }),
  caught('directive-reasons', 'operator/a.ts', '// oxlint-disable-next-line no-console'),
  caught('directive-reasons', 'operator/a.ts', '/* oxlint-disable no-console -- this whole file prints */'),
  caught('directive-reasons', 'test/unit/a.test.ts', '// @ts-expect-error'),
  caught('directive-reasons', 'test/unit/a.test.ts', '// @ts-ignore: the types are wrong'),
  passes('directive-reasons', 'operator/a.ts', '// oxlint-disable-next-line no-console -- the only line that prints'),
  passes('directive-reasons', 'test/unit/a.test.ts', '// @ts-expect-error -- a number must be refused'),
  passes('directive-reasons', 'operator/a.ts', "const sentence = '// oxlint-disable-next-line'"),
]

export const canaries: readonly Canary[] = [...purity, ...ambient, ...layers, ...folders, ...shape]
