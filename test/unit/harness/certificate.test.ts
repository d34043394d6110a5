import test from 'ava'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createAuthority } from '../../harness/certificate.ts'

const authority = createAuthority('An authority')
const ca = new X509Certificate(authority.certificate)
const issued = authority.issue('a server', ['localhost', '127.0.0.1'])
const server = new X509Certificate(issued.certificate)

test('an authority signs itself and may sign others', (t) => {
  t.true(ca.ca)
  t.true(ca.verify(ca.publicKey))
})

test('a server certificate comes from its authority, and may sign nobody', (t) => {
  t.true(server.checkIssued(ca))
  t.true(server.verify(ca.publicKey))
  t.false(server.ca)
})

test('it is for its hosts and for no other', (t) => {
  t.is(server.checkHost('localhost'), 'localhost')
  t.is(server.checkIP('127.0.0.1'), '127.0.0.1')
  t.is(server.checkHost('example.com'), undefined)
  t.is(server.checkIP('127.0.0.2'), undefined)
})

test('its key is its own, and it is valid now', (t) => {
  t.true(server.checkPrivateKey(createPrivateKey(issued.key)))
  t.true(server.validFromDate.getTime() < Date.now() && Date.now() < server.validToDate.getTime())
})

test('another authority of the same name did not issue it', (t) => {
  t.false(server.verify(new X509Certificate(createAuthority('An authority').certificate).publicKey))
})
