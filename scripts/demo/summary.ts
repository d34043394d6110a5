/** What is up, where to click, and what to try. */
import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { TenantPhase } from '../../operator/api/phases.ts'
import { bindingSecretName } from '../../operator/tenant/model/binding-secret.ts'
import type { OperatorProcess } from '../../test/harness/operator.ts'
import type { WebProcess } from '../../test/harness/web.ts'
import { samples } from './samples.ts'
import type { Servers } from './servers.ts'
import type { Terminal } from './terminal.ts'

export interface Shown {
  readonly operator: OperatorProcess
  readonly web: WebProcess
  /** Of the root admin, until it is changed. */
  readonly password: string
}

export function summary(servers: Servers, shown: Shown, { paint, width }: Terminal): readonly string[] {
  const { mailbox } = servers
  const { operator, web, password } = shown
  const fact = (name: string, text: string) => `  ${paint(name.padEnd(9), 'dim')} ${text}`
  return [
    '',
    `  ${paint('Everything is up.', 'bold', 'green')}`,
    '',
    fact('Mailbox', paint(mailbox.url, 'bold', 'cyan')),
    fact('', 'Open it in a browser. Two invites wait there: click one, follow its link, accept.'),
    fact('Console', paint(web.url, 'bold', 'cyan')),
    fact(
      '',
      `Sign in as ${paint('root', 'bold')} with the password ${paint(password, 'bold')} and choose your own; or as Ada or Ben,`,
    ),
    fact('', 'with their mail address and the password that you gave them when you accepted.'),
    fact('Tenants', `${paint('acme', 'bold')}, an MSP, is there already; Ada is invited to run it.`),
    fact('', `${paint('bakery', 'bold')}, its customer, is made when Ben accepts his invite. Watch this window.`),
    fact('', 'No application runs at their addresses below tenants.example.com; that would be yours.'),
    fact('Log', `tail -f ${operator.process.logPath}`),
    '',
    `  ${paint('To try, in another terminal', 'bold')}`,
    '',
    ...environment(servers).map((text) => `    ${text}`),
    ...commands(servers).flatMap(({ what, lines }) => [
      '',
      `    ${paint(`# ${what}`, 'dim')}`,
      ...lines.map((text) => `    ${text}`),
    ]),
    '',
    `  ${paint('Ctrl-C', 'bold')} ends all of it and leaves nothing behind. What happens meanwhile:`,
    `  ${paint('─'.repeat(Math.max(20, Math.min(width - 4, 96))), 'dim')}`,
  ]
}

/** kubectl's own settings; the folder of a kubectl only where the person has none. */
function environment({ cluster }: Servers): readonly string[] {
  const found = isOnPath('kubectl')
  return [
    `export KUBECONFIG=${quoted(cluster.kubeconfigPath)}`,
    ...(found ? [] : [`export PATH=${quoted(dirname(cluster.kubectlPath))}:"$PATH"`]),
  ]
}

interface Command {
  readonly what: string
  readonly lines: readonly string[]
}

function commands({ postgres }: Servers): readonly Command[] {
  const { msp, customer } = samples
  const secret = `kubectl get secret ${bindingSecretName} -n ${msp.namespace} -o jsonpath='{.data.uri}' | base64 -d`
  return [
    {
      what: 'the tenants, their admins, their invites; what is going on in one of them',
      lines: [
        'kubectl get tenants,tenantadmins -A',
        'kubectl get tenants -A -o wide --watch',
        `kubectl describe tenant ${msp.name} -n ${msp.home}`,
      ],
    },
    {
      what: 'break something: it is back before you look',
      lines: [
        `kubectl delete networkpolicy tenantry-isolation -n ${msp.namespace}`,
        `kubectl patch resourcequota tenantry-quota -n ${msp.namespace} --type=merge -p '{"spec":{"hard":{"pods":"9999"}}}'`,
        `kubectl get networkpolicy,resourcequota -n ${msp.namespace}`,
      ],
    },
    {
      what: 'into the database, with the credentials that the tenant’s applications have',
      lines: [`psql "$(${secret})&sslrootcert=${postgres.caPath}"`],
    },
    {
      what: 'turn the MSP off, and its customers with it: no login, no pod, admins only read; and on again, as it was',
      lines: [
        patch(msp, { state: 'Deactivated' }),
        phaseComes(msp, 'Deactivated'),
        'kubectl get tenants -A',
        `kubectl wait resourcequota tenantry-suspension -n ${msp.namespace} --for=jsonpath='{.status.hard.pods}'=0 --timeout=60s`,
        `kubectl describe resourcequota tenantry-suspension -n ${msp.namespace}`,
        patch(msp, { state: 'Active' }),
        phaseComes(msp, 'Active'),
      ],
    },
    {
      what: 'send the customer’s invite again, as long as nobody has accepted it: a new link, and the old one is dead',
      lines: [
        `kubectl annotate tenantadmin ${customer.admin} -n ${customer.home} --overwrite tenantry.dev/resend-requested-at="$(date -u +%FT%TZ)"`,
      ],
    },
    {
      what: 'archive the customer (accept its invite first): off, and its data goes on a date; revive it before that',
      lines: [
        patch(customer, { state: 'Archived' }),
        phaseComes(customer, 'Archived'),
        `kubectl get tenant ${customer.name} -n ${customer.home} -o jsonpath='{.status.archivedAt} until {.status.purgeAfter}{"\\n"}'`,
        patch(customer, { state: 'Active' }),
        phaseComes(customer, 'Active'),
      ],
    },
    {
      what: 'rename the MSP: its URL and those of its customers follow, the old names stay aliases for a while',
      lines: [
        patch(msp, { cloudId: `${msp.name}-group`, subdomain: 'group' }),
        `kubectl wait tenant ${msp.name} -n ${msp.home} --for=jsonpath='{.status.cloudId}'=${msp.name}-group --timeout=60s`,
        `kubectl wait tenant ${customer.name} -n ${customer.home} --for=jsonpath='{.status.url}'=https://${customer.name}-group.tenants.example.com --timeout=60s`,
        `kubectl get tenants -A -o custom-columns='NAME:.metadata.name,CLOUD ID:.status.cloudId,URL:.status.url,ALIASES:.status.aliases[*].host'`,
      ],
    },
    {
      what: 'take the customer away, with its database and all the rest',
      lines: [`kubectl delete tenant ${customer.name} -n ${customer.home}`],
    },
  ]
}

type Sample = (typeof samples)['msp' | 'customer']

function patch({ name, home }: Sample, spec: Readonly<Record<string, string>>): string {
  return `kubectl patch tenant ${name} -n ${home} --type=merge -p '${JSON.stringify({ spec })}'`
}

function phaseComes({ name, home }: Sample, phase: TenantPhase): string {
  return `kubectl wait tenant ${name} -n ${home} --for=jsonpath='{.status.phase}'=${phase} --timeout=60s`
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return folder !== ''
    } catch {
      return false
    }
  })
}

/** For a shell, where it has to be. */
function quoted(path: string): string {
  return /^[-\w./]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}
