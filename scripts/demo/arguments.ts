/** The demo's command line. Pure. */

export const usage = `npm run demo [-- --no-color]

Starts Tenantry with all that it needs on this machine, until Ctrl-C.

  --no-color   no colours, no moving lines; as with the variable NO_COLOR
  --help       this text

TENANTRY_TEST_KUBECONFIG=<file>   use the cluster of this file's current context instead of one that is started for
                                  the demo. What the demo makes there it takes away again. Your own current context
                                  is never used unless it is named so.
KUBEBUILDER_ASSETS=<folder>       take etcd, kube-apiserver, kube-controller-manager and kubectl from there.`

export interface Look {
  readonly colour: boolean
  /** Lines that are drawn again: a spinner. */
  readonly moving: boolean
}

export type Arguments =
  | ({ readonly kind: 'Run' } & Look)
  | { readonly kind: 'Help' }
  | { readonly kind: 'Wrong'; readonly sentence: string }

/** `npm run demo --no-color`, without the two hyphens, reaches us as npm's own setting. */
export function parseArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): Arguments {
  const [unknown] = args.filter((arg) => !['--no-color', '--help', '-h'].includes(arg))
  if (unknown !== undefined)
    return { kind: 'Wrong', sentence: `${unknown} is no option of the demo; "npm run demo -- --help" lists them.` }
  if (args.includes('--help') || args.includes('-h')) return { kind: 'Help' }
  const plain = args.includes('--no-color') || Boolean(env['NO_COLOR']) || env['npm_config_color'] === ''
  const capable = isTerminal && env['TERM'] !== 'dumb'
  return { kind: 'Run', colour: capable && !plain, moving: capable && !plain }
}
