import test from 'ava'
import { isSameOrigin } from '../../../../operator/web/http/origin.ts'
import type { OriginHeaders } from '../../../../operator/web/http/origin.ts'

const table: readonly (readonly [OriginHeaders, boolean])[] = [
  [{ 'sec-fetch-site': 'same-origin', origin: 'https://admin.example.com' }, true],
  [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, true],
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'same-site', origin: 'https://evil.example.com' }, false],
  [{ 'sec-fetch-site': 'cross-site', origin: 'null' }, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, false],
  [{ 'sec-fetch-site': ['same-origin', 'cross-site'] }, false],
  [{ origin: 'https://admin.example.com' }, true],
  [{ origin: 'http://admin.example.com' }, false],
  [{ origin: 'https://admin.example.com:8443' }, false],
  [{ origin: 'https://admin.example.com.evil.example' }, false],
  [{ origin: 'null' }, true],
  [{}, true],
]

for (const [headers, own] of table) {
  test(`${JSON.stringify(headers)} is ${own ? 'from our own page, as far as headers tell' : 'foreign'}`, (t) =>
    t.is(isSameOrigin(headers, 'https://admin.example.com'), own))
}
