/** `license keygen`: a new key pair for licenses. */
import { command } from './command.ts'
import { exitCodes } from './outside.ts'
import { outputOptions, printJson, printRows, wantsJson } from './output.ts'
import { keyPairOf } from '../license/private-key.ts'

export const licenseKeygen = command({
  words: ['license', 'keygen'],
  summary: 'Generates a pair of Ed25519 keys: the private key issues licenses, the public key verifies them.',
  details: [
    'The private key is written to a new file that only you can read, as PEM (PKCS #8), and is never printed. Keep it where you issue licenses, never in the cluster. Set the public key in the values of the chart (license.publicKeys).',
    'The command does not overwrite existing files.',
  ],
  operands: [],
  options: {
    'private-key': {
      value: 'FILE',
      required: true,
      description: 'The new file for the private key, with mode 0600.',
    },
    'public-key': { value: 'FILE', required: true, description: 'The new file for the public key.' },
    ...outputOptions,
  },
  examples: ['kubectl tenantry license keygen --private-key license.key --public-key license.pub'],
  run: async (values, _operands, outside) => {
    const json = wantsJson(values)
    const pair = keyPairOf(outside.newPrivateKey())
    const paths = { privateKey: values['private-key'], publicKey: values['public-key'] }
    await outside.files.create(paths.privateKey, pair.privateKey, 0o600)
    await outside.files.create(paths.publicKey, pair.publicKey, 0o644)
    if (json) printJson({ keyId: pair.keyId, ...paths }, outside)
    else
      printRows(
        [
          { name: 'Key id', value: pair.keyId },
          { name: 'Private key', value: paths.privateKey },
          { name: 'Public key', value: paths.publicKey },
        ],
        outside,
      )
    return exitCodes.done
  },
})
