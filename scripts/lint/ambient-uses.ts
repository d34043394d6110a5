import { Visitor } from 'oxc-parser'
import type { Expression, Node, Program } from 'oxc-parser'

/** A place where a file reaches for something that nobody passed to it: the clock, randomness, the process. */
export interface Use {
  /** `process.env`, `Date.now`, `new Date()`, `setTimeout`, … without a leading `globalThis.`. */
  readonly name: string
  readonly line: number
}

const watched: ReadonlySet<string> = new Set([
  'process',
  'performance',
  'crypto',
  'fetch',
  'Date',
  'Math',
  'AbortSignal',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
])

const globals: ReadonlySet<string> = new Set(['globalThis', 'global', 'window', 'self'])

/** Members of watched objects that are as pure as any function: `Math.max`, `Date.parse`. */
function isHarmless(name: string): boolean {
  if (name.startsWith('Math.')) return name !== 'Math.random'
  if (name.startsWith('Date.')) return name !== 'Date.now'
  return name.startsWith('AbortSignal.') && name !== 'AbortSignal.timeout'
}

/** Every use of the clock, of randomness, of timers and of the process, in the order of the file. */
export function ambientUses(program: Program, lineAt: (offset: number) => number): Use[] {
  const uses: Use[] = []
  const explained = new Set<number>()
  const use = (name: string, at: number) => {
    if (!isHarmless(name)) uses.push({ name, line: lineAt(at) })
  }
  const named = (computed: boolean, name: Node) => {
    if (!computed) explained.add(name.start)
  }
  new Visitor({
    MemberExpression(node) {
      if (!node.computed) explained.add(node.property.start)
      const name = chain(node)
      const [root] = name?.split('.') ?? []
      if (name === undefined || root === undefined || !watched.has(root) || explained.has(node.start)) return
      explained.add(node.start)
      use(name, node.start)
    },
    NewExpression(node) {
      if (chain(node.callee) !== 'Date') return
      explained.add(node.callee.start)
      if (node.arguments.length === 0) use('new Date()', node.start)
    },
    BinaryExpression(node) {
      if (node.operator === 'instanceof') explained.add(node.right.start)
    },
    Property: (node) => named(node.computed || node.shorthand, node.key),
    MethodDefinition: (node) => named(node.computed, node.key),
    PropertyDefinition: (node) => named(node.computed, node.key),
    TSPropertySignature: (node) => named(node.computed, node.key),
    TSMethodSignature: (node) => named(node.computed, node.key),
    TSTypeReference: (node) => named(false, node.typeName),
    TSTypeQuery: (node) => named(false, node.exprName),
    Identifier(node) {
      if (watched.has(node.name) && !explained.has(node.start)) use(node.name, node.start)
    },
  }).visit(program)
  return uses.filter(({ name }) => name !== 'Math' && name !== 'AbortSignal')
}

/** `a.b.c` for a chain of plain members, `globalThis.` taken away; undefined for anything else. */
function chain(node: Expression | Node): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type !== 'MemberExpression') return undefined
  const object = chain(node.object)
  const property = propertyName(node)
  if (object === undefined || property === undefined) return undefined
  return globals.has(object) ? property : `${object}.${property}`
}

function propertyName(node: Node & { type: 'MemberExpression' }): string | undefined {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined
  return node.property.type === 'Literal' ? String(node.property.value) : undefined
}
