/** The start and the end of the process that serves the pages. */
import test from 'ava'
import { parseWebConfig } from '../../../operator/config/web-config.ts'
import { runPages } from '../../../operator/pages/run-pages.ts'
import { createMetrics } from '../../../operator/runtime/metrics/metrics.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import { configMaps, secrets } from '../../../operator/kube/resources.ts'
import { silent } from '../../../operator/runtime/logging/log.ts'
import { newKeysSecret } from '../../../operator/tenantadmin/invite/keyring.ts'
import { FakeKube } from '../runtime/fake-kube.ts'
import { seededRandom } from '../runtime/fake-clock.ts'
import { systemClock } from '../../../operator/runtime/base/system-clock.ts'
import { freePort } from '../../harness/port.ts'
import { eventually } from '../../harness/wait.ts'

const noFile = () => {
  throw new Error('no such file')
}

async function scene(signIn?: object) {
  const kube = new FakeKube()
  const ports = { web: await freePort(), health: await freePort() }
  const config = parseWebConfig(
    {
      TENANTRY_NAMESPACE: 'tenantry-system',
      TENANTRY_PUBLIC_URL: `http://127.0.0.1:${ports.web}`,
      TENANTRY_LISTEN_ADDRESS: '127.0.0.1',
      TENANTRY_WEB_PORT: String(ports.web),
      TENANTRY_HEALTH_PORT: String(ports.health),
      ...(signIn === undefined ? {} : { TENANTRY_SIGN_IN_FILE: 'sign-in.json' }),
    },
    signIn === undefined ? noFile : () => JSON.stringify(signIn),
  )
  const metrics = createMetrics(() => 0)
  let closed = 0
  const running = runPages(config, {
    kube,
    clock: systemClock,
    random: seededRandom(),
    log: silent,
    metrics,
    close: () => Promise.resolve(void (closed += 1)),
  })
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.health}/readyz`, { signal: AbortSignal.timeout(20_000) })
    return `${answer.status} ${await answer.text()}`
  }
  const says = (part: string) =>
    eventually(async () => (await ready()).includes(part), { timeout: 20_000, describe: `/readyz to say ${part}` })
  return { kube, running, config, says, closed: () => closed }
}

const installation = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'tenantry-installation', namespace: 'tenantry-system' },
  data: { id: 'main' },
}

const keys = newKeysSecret({ id: 'aaaaaaaa', secret: Buffer.alloc(32) }, 'tenantry-system-web', 'main')

test('The pages wait for what the operator makes, say what that is, and serve as soon as it is there', async (t) => {
  const { kube, running, config, says, closed } = await scene()
  await says('503 [-]pages: the pages wait for the ConfigMap tenantry-installation in tenantry-system')
  await kube.create(configMaps, installation)
  await says('the pages wait for the Secret tenantry-signing-keys in tenantry-system-web')
  await kube.create(secrets, keys)
  await running.started
  await says('200 [+]pages ok\n[+]caches ok')
  const page = await fetch(`${config.publicUrl}/`, { signal: AbortSignal.timeout(20_000) })
  t.is(page.status, 200)
  await page.body?.cancel()
  t.true(await running.stop('a test'))
  t.is(closed(), 1)
  await t.throwsAsync(fetch(`${config.publicUrl}/`))
})

test('A start that waits can be ended', async (t) => {
  const { running, says } = await scene()
  await says('503')
  t.true(await running.stop('a test'))
  await t.throwsAsync(running.started, { message: 'the process is stopping' })
})

const withRoot = {
  root: { username: 'root', user: 'tenantry:root' },
  session: { idle: '30m', lifetime: '12h' },
}

test('The root admin gets a Secret although the API server refuses the first attempt, and another after a deletion', async (t) => {
  const { kube, running } = await scene(withRoot)
  let refused = 0
  kube.before = (verb, _, key) => {
    if (verb !== 'create' || key !== 'tenantry-system-web/tenantry-root' || refused > 0) return
    refused += 1
    throw new KubeError('Unavailable', 'no', 503)
  }
  await kube.create(configMaps, installation)
  await kube.create(secrets, keys)
  await running.started
  const name = { namespace: 'tenantry-system-web', name: 'tenantry-root' }
  const made = (former?: string) =>
    eventually(
      async () => {
        const uid = (await kube.get(secrets, name))?.metadata.uid
        return uid === former ? undefined : uid
      },
      { timeout: 20_000, describe: 'a Secret of the root admin' },
    )
  const first = await made()
  await kube.delete(secrets, name, { uid: first })
  t.not(await made(first), undefined)
  t.is(refused, 1)
  t.true(await running.stop('a test'))
})
