/**
 * Installing by the commands of the how-tos: a server's login is what was made of its file; a release comes back under another name.
 */
import { readFile } from 'node:fs/promises'
import test from 'ava'
import { kindsServed } from '../harness/in-force.ts'
import { startOperator } from '../harness/operator.ts'
import { eventually } from '../harness/wait.ts'
import { blocksOf } from './how-to.ts'
import { conditionOf } from './life.ts'
import { policiesGone, startScene } from './uninstall-scene.ts'
import type { Scene } from './uninstall-scene.ts'

let scene: Scene
test.before(async (t) => {
  t.timeout(450_000)
  scene = await startScene()
})
test.after.always(() => scene?.[Symbol.asyncDispose]())

test.serial('The commands that tell of a server leave the login that was made of a file, and it logs in', async (t) => {
  t.timeout(450_000)
  const [, release = ''] = await blocksOf('uninstall', 'If the operator went first')
  await scene.shell(release)
  await kindsServed(scene.controlPlane.kubectl)
  await using _operator = await startOperator({ cluster: scene.controlPlane })
  const { operator, ca, host, port } = scene.servers.new
  const sample = await readFile(new URL('../../manifests/samples/database-server.yaml', import.meta.url), 'utf8')
  // "With your host name in it."
  const own = sample.replace('postgres.example.com', host).replace('port: 5432', `port: ${port}`)
  const file = (name: string, content: string) => `cat > ${name} <<'EOF'\n${content}\nEOF\n`
  await scene.shell(
    `mkdir -p manifests/samples\n${file('password', operator.password)}${file('ca.crt', ca)}${file('manifests/samples/database-server.yaml', own)}`,
  )
  const [tell = ''] = await blocksOf('postgresql-server', '5. Declare the server')
  await scene.shell(tell)
  const server = await scene.api.get('/apis/tenantry.dev/v1alpha1/databaseservers/main')
  t.is(conditionOf(server, 'Ready')?.reason, 'Connected')
  // Said again, as an edit of the file is: still the same login.
  await scene.shell('kubectl apply -f manifests/samples/database-server.yaml')
  const secret = await scene.api.get('/api/v1/namespaces/tenantry-system/secrets/postgres-main-admin')
  const stored = (secret as { readonly data?: Readonly<Record<string, string>> } | undefined)?.data?.['password']
  t.is(Buffer.from(stored ?? '', 'base64').toString(), `${operator.password}\n`)
})

test.serial('A release that is gone comes back under another name, by the way that the how-to names', async (t) => {
  t.timeout(450_000)
  const [gone = ''] = await blocksOf('uninstall', '2. The release')
  await scene.shell(gone)
  await policiesGone(scene)
  const [again = ''] = await blocksOf('uninstall', 'If it comes back under another name')
  t.true(again.includes('--take-ownership'))
  await t.throwsAsync(scene.shell(again.replace('--take-ownership', '')), { message: /invalid ownership metadata/ })
  const leaving = '--set crds.enabled=false,defaultPlan.enabled=false,web.createNamespace=false --dry-run=server'
  t.regex(await scene.shell(again.replace('--take-ownership', leaving)), /NAME: platform/)
  await scene.shell(again)
  const crd = await scene.api.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tenants.tenantry.dev')
  t.is(crd?.metadata.annotations?.['meta.helm.sh/release-name'], 'platform')
  await kindsServed(scene.controlPlane.kubectl)
  await eventually(
    async () => (await scene.api.get('/apis/tenantry.dev/v1alpha1/databaseservers/main')) !== undefined,
    {
      timeout: 60_000,
      describe: 'what was declared to be there still',
    },
  )
  // As any release: it is upgraded and goes under its name.
  await scene.shell('helm upgrade platform charts/tenantry -n tenantry-system --values tenantry.yaml')
  await scene.shell('helm uninstall platform -n tenantry-system')
})
