/** Reads and creates files, with a message for people when that fails. */
import { open, readFile, stat } from 'node:fs/promises'
import { Failure } from './outside.ts'
import type { Files } from './outside.ts'

export const files: Files = {
  read: (path) => saying(`${path} cannot be read`, () => readFile(path, 'utf8')),
  create: (path, content, mode) =>
    saying(`${path} cannot be made`, async () => {
      await using file = await open(path, 'wx', mode)
      await file.chmod(mode)
      await file.writeFile(content)
      await file.sync()
    }),
  isShared: async (path) => ((await stat(path)).mode & 0o077) !== 0,
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EEXIST: 'it exists already, and stays as it is',
  EACCES: 'that is not allowed',
  EISDIR: 'it is a folder',
  EROFS: 'nothing can be written there',
  ENOSPC: 'there is no space left',
}

async function saying<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new Failure(`${what}: ${causes[code] ?? code}.`)
  }
}
