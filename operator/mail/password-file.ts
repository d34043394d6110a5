/** The password of the mail relay, in a file that a kubelet keeps in step with a Secret. */
import { readFile } from 'node:fs/promises'
import { credentialIn, unfitCredential } from '../runtime/base/credential.ts'
import { MailError } from './port.ts'

/**
 * Returns the file's present content, without the newline at its end. Rejects with MailError (configuration) when it
 * cannot be read or used; the message names no path.
 */
export function passwordIn(path: string): () => Promise<string> {
  return async () => {
    const content = await readFile(path, 'utf8').catch(() => undefined)
    if (content === undefined)
      throw unusable(
        'The file with the password of the mail relay cannot be read: check the Secret that smtp.existingSecret names.',
      )
    const password = credentialIn(content)
    if (password !== undefined) return password
    throw unusable(unfitCredential('The entry password of the Secret that smtp.existingSecret names'))
  }
}

const unusable = (message: string) => new MailError('configuration', message, undefined, 'relay')
