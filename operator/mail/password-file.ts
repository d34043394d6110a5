/** The password of the mail relay, in a file that a kubelet keeps in step with a Secret. */
import { readFile } from 'node:fs/promises'
import { MailError } from './port.ts'

/**
 * Answers what the file holds now, without the newline at its end. Rejects with MailError (configuration) when it cannot be
 * read; the message names no path.
 */
export function passwordIn(path: string): () => Promise<string> {
  return async () => {
    try {
      return (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
    } catch {
      throw new MailError(
        'configuration',
        'The file with the password of the mail relay cannot be read: see to the Secret that smtp.existingSecret names.',
        undefined,
        'relay',
      )
    }
  }
}
