/**
 * Nothing outlives the process that started it, whatever its end was, a SIGKILL included: a watchdog process holds the
 * reading end of a pipe, and ends what it was told about when the pipe closes.
 */
import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { startOf } from './process-tree.ts'

/** A line of the pipe to the watchdog. */
export type Order =
  | { readonly guard: 'process'; readonly pid: number; readonly started: string }
  | { readonly guard: 'folder'; readonly path: string }
  | { readonly release: 'process'; readonly pid: number }
  | { readonly release: 'folder'; readonly path: string }

let pipe: Writable | undefined

/** Ends this process (SIGKILL, its descendants too) when the calling process ends. */
export function guardProcess(pid: number): void {
  send({ guard: 'process', pid, started: startOf(pid) ?? '' })
}

export function releaseProcess(pid: number): void {
  send({ release: 'process', pid })
}

/** Removes this folder (or file) when the calling process ends, after all guarded processes have ended. */
export function guardFolder(path: string): void {
  send({ guard: 'folder', path })
}

export function releaseFolder(path: string): void {
  send({ release: 'folder', path })
}

function send(order: Order): void {
  pipe ??= startWatchdog()
  pipe.write(`${JSON.stringify(order)}\n`)
}

function startWatchdog(): Writable {
  // Detached: a Ctrl-C in the terminal is meant for its parent, and must not end the watchdog.
  const child = spawn(process.execPath, [join(import.meta.dirname, 'watchdog.ts')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  })
  child.unref()
  child.stdin.on('error', () => undefined)
  if (child.stdin instanceof Socket) child.stdin.unref()
  return child.stdin
}
