import { startOperator } from '../../test/harness/operator.ts'
import type { OperatorProcess } from '../../test/harness/operator.ts'
import type { WebProcess } from '../../test/harness/web.ts'
import type { Servers } from './servers.ts'

/** The name of this installation on everything that it makes. */
export const installationName = 'demo'

/** The operator as a process, with the rights that the chart gives it. Looks at PostgreSQL often: people are watching. */
export async function startDemoOperator({ cluster, mailbox }: Servers, web: WebProcess): Promise<OperatorProcess> {
  const operator = await startOperator({
    cluster,
    unready: true,
    web,
    env: {
      TENANTRY_INSTALLATION: installationName,
      TENANTRY_SMTP_HOST: '127.0.0.1',
      TENANTRY_SMTP_PORT: String(mailbox.smtpPort),
      TENANTRY_SMTP_SECURITY: 'none',
      TENANTRY_MAIL_FROM: 'invites@tenantry.example.com',
      TENANTRY_CATALOGUE_INTERVAL: '2s',
      TENANTRY_SIZE_INTERVAL: '2s',
      TENANTRY_PROBE_INTERVAL: '10s',
    },
  })
  try {
    // Longer than tests wait: this is anybody's machine.
    await operator.ready(60_000)
    return operator
  } catch (error) {
    await operator[Symbol.asyncDispose]()
    throw error
  }
}
