// oxlint-disable-next-line import/no-default-export -- the form that AVA reads
export default {
  files: ['test/**/*.test.ts'],
  extensions: ['ts'],
  require: ['./test/harness/time-limit.ts', './test/harness/file-times.ts'],
  workerThreads: false,
  concurrency: 2,
  timeout: '3m',
}
