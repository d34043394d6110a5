import { fileURLToPath } from 'node:url'

// oxlint-disable-next-line import/no-default-export -- the form that AVA reads
export default {
  files: ['test/**/*.test.ts'],
  extensions: ['ts'],
  require: [fileURLToPath(new URL('test/harness/time-limit.ts', import.meta.url))],
  workerThreads: false,
  concurrency: 2,
  timeout: '3m',
}
