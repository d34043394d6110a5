/** Each row of docs/reference/status.md about DatabaseServers is made to happen. */
import { databaseServers } from '../../../operator/api/databaseserver.ts'
import type { DatabaseServer } from '../../../operator/api/databaseserver.ts'
import { KubeError } from '../../../operator/kube/port.ts'
import { PostgresError } from '../../../operator/postgres/model/port.ts'
import type { PostgresErrorReason } from '../../../operator/postgres/model/port.ts'
import { eachRowHappens, failedPasses, told } from '../api/situations-lived.ts'
import type { Way } from '../api/situations-lived.ts'
import { databaseServer } from '../../gen.ts'
import { adminSecret, place, setUp } from './scene.ts'

type Scene = ReturnType<typeof setUp>

function looked(arrange: (scene: Scene) => void): Way {
  return async () => {
    const scene = setUp()
    arrange(scene)
    await scene.pass()
    return scene.cluster.all<DatabaseServer>('DatabaseServer').map(told)
  }
}

const well = ({ cluster }: Scene) => void cluster.put(adminSecret())

const failing = (reason: PostgresErrorReason): Way =>
  looked((scene) => {
    well(scene)
    scene.postgres.down = new PostgresError(reason, 'as told')
  })

const unheld = (error: KubeError): Way =>
  looked((scene) => {
    well(scene)
    place(scene)
    scene.cluster.before = (write) => {
      if (write === 'patch DatabaseServer main') throw error
    }
  })

eachRowHappens('DatabaseServer', {
  '- SecretNotFound': looked(() => {}),
  '- DatabaseUnavailable': failing('Unavailable'),
  '- Connected': looked(well),
  '- PublicMayConnect': looked((scene) => {
    well(scene)
    scene.postgres.state = { ...scene.postgres.state, openToPublic: ['shop'] }
  }),
  '- AnotherServer': async () => {
    const scene = setUp()
    well(scene)
    await scene.pass()
    scene.postgres.which = { systemIdentifier: '7' }
    await scene.pass()
    return scene.cluster.all<DatabaseServer>('DatabaseServer').map(told)
  },
  '- DuplicateServer': async () => {
    const scene = setUp()
    well(scene)
    scene.cluster.put(databaseServer({ name: 'second', uid: 'uid-second' }))
    await scene.pass()
    await scene.pass('second')
    return scene.cluster.all<DatabaseServer>('DatabaseServer').map(told).toReversed()
  },
  '- ServerUnsupported': looked((scene) => {
    well(scene)
    scene.postgres.state = { ...scene.postgres.state, version: 140_023 }
  }),
  '- ServerPrivilegesMissing': looked((scene) => {
    well(scene)
    scene.postgres.state = { ...scene.postgres.state, accountProblems: ['The role op lacks CREATEDB.'] }
  }),
  '- DatabaseRefused': failing('Refused'),
  '- ServerLoginFailed': failing('AuthenticationFailed'),
  '- InUse': looked((scene) => {
    well(scene)
    place(scene)
    const server = databaseServer()
    const deletionCause = { finalizers: ['tenantry.dev/in-use'], deletionTimestamp: '2030-01-01T00:00:00Z' }
    scene.cluster.put({ ...server, metadata: { ...server.metadata, ...deletionCause } })
  }),
  '- TlsVerificationFailed': failing('CertificateUntrusted'),
  '- ApiServerRefused, Ready': unheld(new KubeError('Forbidden', 'no', 403, { refusal: 'no', refusedBy: 'Webhook' })),
  '- ApiServerUnavailable, Ready': unheld(new KubeError('Unavailable', 'late', 500, { webhook: 'rules.example.com' })),
  ...failedPasses(databaseServers, databaseServer()),
})
