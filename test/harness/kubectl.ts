import { spawn } from 'node:child_process'

/** kubectl ended with another code than 0. The message is its standard error. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError'
  readonly code: number | null
  constructor(args: readonly string[], code: number | null, stderr: string) {
    super(`kubectl ${args.join(' ')} ended with ${code}: ${stderr.trim()}`)
    this.code = code
  }
}

export interface KubectlOptions {
  /** Standard input, for `-f -`: text, or an object that is written as JSON. */
  readonly input?: string | object
  /** Default: the admin's. */
  readonly kubeconfigPath?: string
  /** Milliseconds; 120,000 by default. */
  readonly timeout?: number
}

/** Runs kubectl and answers its standard output. @throws KubectlError */
export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<string>

export function kubectlWith(binary: string, adminKubeconfigPath: string): Kubectl {
  return (args, { input, kubeconfigPath = adminKubeconfigPath, timeout = 120_000 } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    // Without HOME's kuberc and without KUBECONFIG: nothing of the person's own settings decides.
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], KUBERC: 'off' }
    const child = spawn(binary, [`--kubeconfig=${kubeconfigPath}`, ...args], { env, timeout })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(stdout) : reject(new KubectlError(args, code, stderr))))
    child.stdin.on('error', () => undefined)
    child.stdin.end(typeof input === 'object' ? JSON.stringify(input) : (input ?? ''))
    return promise
  }
}
