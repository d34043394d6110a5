/** The root admin of the demo. */
import { rootSecretName } from '../../operator/api/names.ts'
import type { Cluster } from '../../test/harness/cluster.ts'
import { webNamespaceOf } from '../../test/harness/chart.ts'
import { eventually } from '../../test/harness/wait.ts'

/** As the chart's values have it by default. */
export const root = { username: 'root', email: '', user: 'tenantry:root', provider: 'local', subject: '' }

/** The initial password, which the pages make at their first start. */
export async function rootPassword({ kubectl }: Cluster): Promise<string> {
  const where = ['-n', webNamespaceOf('tenantry-system'), '--ignore-not-found']
  const read = () => kubectl(['get', 'secret', rootSecretName, ...where, '-o', 'jsonpath={.data.password}'])
  const encoded = await eventually(
    async () => {
      const found = await read()
      return found === '' ? undefined : found
    },
    { timeout: 60_000, describe: 'the password of the root admin' },
  )
  return Buffer.from(encoded, 'base64').toString('utf8')
}
