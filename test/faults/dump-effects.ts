/**
 * What the operator does for a dump outside its ports, with {@link Effects} around each: the programs that it runs, and the
 * files that come and go where dumps are kept. A program is two effects: that it begins, and that it ends; so the operator
 * can die while it runs.
 */
import childProcess from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import type { Effects } from './effects.ts'

/** For the whole process: the operator imports these functions itself. */
export function aroundDumps(effects: Effects): void {
  const { spawn } = childProcess
  const around = (program: string, args: readonly string[], options: object): ChildProcess => {
    const what = `${basename(program)} in ${cwdOf(options)}`
    const begun: ChildProcess[] = []
    void effects
      .around(
        `start ${what}`,
        async () => {
          const child = Reflect.apply(spawn, childProcess, [program, args, options]) as ChildProcess // as spawn gives it
          begun.push(child)
          await once(child, 'spawn')
        },
        false,
      )
      .then(() => effects.around(`end ${what}`, async () => begun[0] && once(begun[0], 'close'), false))
      .catch(() => undefined)
    const [child] = begun
    if (child === undefined) throw new Error(`${program} was not started`)
    return child
  }
  Reflect.set(childProcess, 'spawn', around)
  for (const name of ['rename', 'rm'] as const) {
    const original = files[name]
    const changed = (path: string, ...rest: readonly unknown[]): Promise<unknown> =>
      effects.around(`${name} ${titleOf(typeof rest[0] === 'string' ? rest[0] : path)}`, async (): Promise<unknown> =>
        Reflect.apply(original, files, [path, ...rest]),
      )
    Reflect.set(files, name, changed)
  }
  syncBuiltinESMExports()
}

/** Names the tenant by its uid, where it is about one. */
function cwdOf(options: object): string {
  const cwd: unknown = Reflect.get(options, 'cwd')
  return typeof cwd === 'string' ? basename(cwd) : ''
}

/** The last two parts of a path, without a time. */
function titleOf(path: string): string {
  return path
    .split('/')
    .slice(-2)
    .join('/')
    .replaceAll(/\d{4}-\d\d-\d\dT\d{6}Z/g, '<time>')
}
