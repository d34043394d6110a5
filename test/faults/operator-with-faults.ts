/** The operator, decorated so that it ends itself at a chosen effect. */
import { flushCompileCache } from 'node:module'
import { runDecorated } from './decorated-operator.ts'
import { withEffects } from './decorators.ts'
import { Effects } from './effects.ts'

const files = { arms: process.env['FAULT_ARMS'] ?? '', log: process.env['FAULT_LOG'] ?? '' }
await runDecorated((adapters, { installation }) => withEffects(adapters, new Effects(files, installation ?? '')))
// It is written at a regular end otherwise, to which few of these come.
flushCompileCache()
