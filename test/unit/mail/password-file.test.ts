import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { passwordIn } from '../../../operator/mail/password-file.ts'
import { MailError } from '../../../operator/mail/port.ts'
import { temporaryFolder } from '../../harness/folder.ts'

test('the password is what the file holds at each login, without the newline at its end', async (t) => {
  const folder = await temporaryFolder('password')
  t.teardown(() => folder.remove())
  const path = join(folder.path, 'password')
  const password = passwordIn(path)
  await writeFile(path, 'first\n')
  t.is(await password(), 'first')
  await writeFile(`${path}.new`, 'second\r\n')
  await rename(`${path}.new`, path)
  t.is(await password(), 'second')
})

test('a file of two lines is an error of the configuration, with the way out', async (t) => {
  const folder = await temporaryFolder('password')
  t.teardown(() => folder.remove())
  const path = join(folder.path, 'password')
  await writeFile(path, 'first\nsecond\n')
  const error = await t.throwsAsync(passwordIn(path), { instanceOf: MailError })
  t.like(error, { class: 'configuration', scope: 'relay' })
  t.regex(error.message, /smtp\.existingSecret names has line breaks/)
})

test('a file that is gone is an error of the configuration, for everybody’s mail, which names no path', async (t) => {
  const error = await t.throwsAsync(passwordIn('/nowhere/password'), { instanceOf: MailError })
  t.like(error, { class: 'configuration', scope: 'relay' })
  t.false(error.message.includes('/nowhere'))
})
