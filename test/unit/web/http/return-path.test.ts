/** No open redirect: what a person goes to after signing in is a path of this application. */
import test from 'ava'
import { longestReturnPath, returnPath } from '../../../../operator/web/http/return-path.ts'
import { fc } from '../../../random.ts'

for (const path of ['/', '/admin', '/admin?phase=Active&q=a%2F%2Fb', '/t/acme', "/a-b_c~d!$'()*+,;=:@"])
  test(`${path} is a path of ours`, (t) => t.is(returnPath(path), path))

const refused: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['a list', ['/admin']],
  ['an empty text', ''],
  ['a relative path', 'admin'],
  ['a URL', 'https://evil.example/'],
  ['a URL without a scheme', '//evil.example/'],
  ['the same with a backslash', '/\\evil.example/'],
  ['the same with a tab, which browsers drop', '/\t/evil.example/'],
  ['the same with a line break', '/\n/evil.example/'],
  ['the same behind a dot segment', '/.//evil.example/'],
  ['a dot segment', '/a/../b'],
  ['an encoded dot segment, which browsers resolve', '/a/%2e%2e/b'],
  ['two slashes further behind', '/a//b'],
  ['a script', 'javascript:alert(1)'],
  ['a fragment', '/a#b'],
  ['a space', '/a b'],
  ['a NUL', '/a\0'],
  ['a header of its own', '/a\r\nset-cookie: b=c'],
  ['letters beyond ASCII', '/é'],
  ['more than the limit', `/${'a'.repeat(longestReturnPath)}`],
]
for (const [what, value] of refused) test(`${what} is none`, (t) => t.is(returnPath(value), undefined))

test('a browser stays on this site with whatever passes', (t) => {
  const pieces = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '%2e',
    '%2f',
    '%5c',
    '\t',
    '\n',
    '@',
    ':',
    '?',
    '#',
    'evil.example',
    'a',
  )
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 8 }).map((parts) => `/${parts.join('')}`),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const path = returnPath(text)
      const url = path === undefined ? undefined : new URL(path, 'https://console.example.com/sign-in/corp/callback')
      t.true(url === undefined || (url.origin === 'https://console.example.com' && !url.pathname.startsWith('//')))
    }),
  )
})
