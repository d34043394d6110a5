/** The entry point of `kubectl tenantry`, and the only file of the plugin that uses the process. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { commands } from './commands.ts'
import { files } from './files.ts'
import { helpOn } from './help.ts'
import { exitCodes, Failure } from './outside.ts'
import type { Outside } from './outside.ts'
import { parse } from './parse.ts'
import { systemClock } from '../runtime/base/system-clock.ts'
import { version } from '../app/version.ts'

const { env, stdout, stderr, stdin } = process
const print = (line: string): void => void stdout.write(line)
const remark = (line: string): void => void stderr.write(`${line}\n`)

const outside: Outside = {
  clock: systemClock,
  uuid: randomUUID,
  newPrivateKey: () => generateKeyPairSync('ed25519').privateKey,
  print,
  remark,
  input: () => text(stdin),
  files,
  colour: stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
}

async function run(args: readonly string[]): Promise<number> {
  const call = parse(args, commands)
  switch (call.kind) {
    case 'Run':
      return call.command.run(call.given, outside)
    case 'Version':
      print(`${version}\n`)
      return exitCodes.done
    case 'Help':
      print(`${helpOn(call.words, commands)}\n`)
      return exitCodes.done
    case 'Wrong':
      remark(`${call.sentence}\n\n${helpOn(call.words, commands)}`)
      return exitCodes.usage
  }
}

/** Sentences, no stack: an error that is no Failure is a bug of the plugin, and is reported in one line too. */
function printError(error: unknown): number {
  remark(error instanceof Error ? error.message : String(error))
  return error instanceof Failure ? error.code : exitCodes.failed
}

// A reader that stops early (`| head -1`) is no error.
stdout.on('error', () => {})
process.exitCode = await run(process.argv.slice(2)).catch(printError)
