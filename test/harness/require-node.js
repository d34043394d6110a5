// oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access -- plain JavaScript, without types
/**
 * `node --import ./test/harness/require-node.js …`: says so when Node is too old to run TypeScript, before it tries.
 * Plain JavaScript, as the old one must be able to read it.
 */
const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(
    `Tenantry needs Node 24 or newer, and this is ${process.version} (${process.execPath}).\n` +
      'The npm scripts bring their own, the npm package "node": run "npm ci" without --ignore-scripts, and "npm run" or "npm test".',
  )
  process.exit(1)
}
