/** What a DatabaseServer refers to, and is missing or empty. */
import test from 'ava'
import { addressOf } from '../../../operator/databaseserver/read-address.ts'
import { databaseServer } from '../../gen.ts'
import { Cluster } from '../tenant/cluster.ts'
import { adminSecret } from './scene.ts'
import { ReferenceMissing } from '../../../operator/postgres/model/address.ts'

const metadata = { name: 'ca', namespace: 'tenantry-system' }
const pem = '-----BEGIN CERTIFICATE-----'
const base64 = (text: string) => Buffer.from(text).toString('base64')

const secret = (content: string) => ({
  field: 'caSecretRef',
  object: { apiVersion: 'v1', kind: 'Secret', metadata, data: { 'ca.crt': base64(content) } },
})

const configMap = (content: string) => ({
  field: 'caConfigMapRef',
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': content } },
})

for (const make of [secret, configMap]) {
  const read = async (content: string) => {
    const cluster = new Cluster()
    const { field, object } = make(content)
    cluster.put(adminSecret())
    cluster.put(object)
    const found = databaseServer()
    const tls = { mode: 'verify-full' as const, [field]: { name: 'ca', key: 'ca.crt' } }
    return addressOf({ ...found, spec: { ...found.spec, tls } }, 'tenantry-system', cluster.kube)
  }

  test(`The certificates in a ${make('').object.kind} are those that are trusted`, async (t) => {
    t.is((await read(pem)).tls.ca, pem)
  })

  for (const empty of ['', '\n'])
    test(`A ${make('').object.kind} with ${JSON.stringify(empty)} does not mean the certificates of the system`, async (t) => {
      await t.throwsAsync(read(empty), {
        instanceOf: ReferenceMissing,
        message: /has no entry ca\.crt, or an empty one/,
      })
    })
}
