import test from 'ava'
import { isCookie, sessionCookies, signInKey } from '../../../../operator/web/sessions/session-cookie.ts'

test('Over https the cookies belong to this host alone', (t) => {
  const { session, form, options } = sessionCookies('https://console.example.com')
  t.is(session, '__Host-tenantry-session')
  t.is(form, '__Host-tenantry-sign-in')
  t.deepEqual(options, { path: '/', httpOnly: true, sameSite: 'lax', secure: true })
})

test('Over http, for the demo on this machine, a browser would refuse them with that prefix', (t) => {
  const { session, options } = sessionCookies('http://127.0.0.1:8080')
  t.is(session, 'tenantry-session')
  t.false(options.secure)
})

test('The key of the sign-in form follows from the cookie and does not show it', (t) => {
  const cookie = 'a'.repeat(43)
  t.true(isCookie(cookie))
  t.is(signInKey(cookie), signInKey(cookie))
  t.not(signInKey(cookie), signInKey('b'.repeat(43)))
  t.false(signInKey(cookie).includes('aaaa'))
})
