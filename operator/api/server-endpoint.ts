/** The endpoint of a PostgreSQL server in a spec: its address, and how the connection is secured. Pure. */
import { z } from 'zod'
import { dataKey, host, objectName, rules } from './schema-fields.ts'

export function endpoint<More extends z.ZodRawShape>(description: string, more: More) {
  return z
    .object({
      host: host().describe('The host name or IP address.'),
      port: z.int().min(1).max(65_535).default(5432).describe('The TCP port.'),
      ...more,
    })
    .meta({ description })
}

function authority(where: string) {
  return z
    .object({
      name: objectName().describe('The name of the object.'),
      key: dataKey().default('ca.crt').describe('The key of the entry that holds the certificates in PEM.'),
    })
    .meta({ description: `Certificates to trust, from a ${where} in the operator's namespace.` })
}

export const oneAuthority = rules({
  rule: '!(has(self.caSecretRef) && has(self.caConfigMapRef))',
  message: '{field} must not have both caSecretRef and caConfigMapRef.',
})

export function tls() {
  return z.object({
    mode: z
      .enum(['disable', 'require', 'verify-ca', 'verify-full'])
      .default('verify-full')
      .describe("How the server's certificate is verified: a value of libpq's sslmode."),
    caSecretRef: authority('Secret').optional(),
    caConfigMapRef: authority('ConfigMap').optional(),
  })
}
