/** The variables of the environment that the chart sets. Pure. */
import { z } from 'zod'
import { brakeEnvironment } from './config-brake.ts'
import { deletionEnvironment } from './config-deletion.ts'
import { dnsEnvironment } from './config-dns.ts'
import { dumpEnvironment } from './config-dump.ts'
import { count, credential, duration, ehloName, flag, httpUrl, port, words } from './config-fields.ts'

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

const dnsName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/

export const mailbox = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$/

/** The variables that the operator and the process of the pages share. */
const commonEnvironment = {
  TENANTRY_NAMESPACE: z
    .string('is missing: the namespace the operator runs in')
    .regex(label, 'is not a namespace name'),
  TENANTRY_WEB_NAMESPACE: z.string().regex(label, 'is not a namespace name').optional(),
  TENANTRY_KUBECONFIG: z.string().min(1).optional(),
  TENANTRY_PUBLIC_URL: httpUrl,
  TENANTRY_USER_PREFIX: z.string().max(64).default(''),
  TENANTRY_HEALTH_PORT: port.default(8081),
  TENANTRY_LISTEN_ADDRESS: z.string().default('0.0.0.0'),
  TENANTRY_REQUEST_TIMEOUT: duration.default(10_000),
  TENANTRY_DRAIN_TIMEOUT: duration.default(20_000),
  TENANTRY_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'is none of debug, info, warn, error').default('info'),
}

/** The variables of the process that serves the pages. */
export const webEnvironment = z.object({
  ...commonEnvironment,
  TENANTRY_SIGN_IN_FILE: z.string().min(1).optional(),
  TENANTRY_PRODUCT_NAME: z.string().max(120).default('Tenantry'),
  TENANTRY_LOCAL_SIGN_IN: flag.default(true),
  TENANTRY_WEB_PORT: port.default(8080),
  TENANTRY_TRUST_PROXY: flag.default(false),
})

export const environment = z.object({
  ...commonEnvironment,
  TENANTRY_POD_NAME: z.string().min(1).default('tenantry'),
  TENANTRY_POD_UID: z.string('is missing: the uid of the operator’s pod, its identity as leader').min(1),
  TENANTRY_INSTALLATION: z.string().regex(label, 'is not a DNS label').optional(),
  TENANTRY_NAMESPACE_PREFIX: z
    .string()
    .regex(/^[a-z]([-a-z0-9]{0,14})$/, 'is not a prefix of a namespace name')
    .default('tenant-'),
  TENANTRY_BASE_DOMAIN: z
    .string('is missing: the domain under which tenants get their host names')
    .regex(dnsName, 'is not a DNS name'),
  TENANTRY_TENANT_URL_SCHEME: z.enum(['http', 'https'], 'is neither http nor https').default('https'),
  TENANTRY_CLUSTER_ROLE_PREFIX: z
    .string()
    .regex(/^[a-z0-9][-a-z0-9:.]{0,60}$/, 'is not a prefix of a ClusterRole name')
    .default('tenantry'),
  TENANTRY_BINDABLE_ROLES: words.default([]),
  TENANTRY_RESERVED_SUBDOMAINS: words.default(['www', 'mail', 'api', 'admin', 'portal', 'status']),
  TENANTRY_INVITE_LIFETIME: duration.default(7 * 86_400_000),
  TENANTRY_RESEND_INTERVAL: duration.default(60_000),
  TENANTRY_MAIL_INTERVAL: duration.default(300_000),
  TENANTRY_TENANT_MAIL_INTERVAL: duration.default(6_000),
  TENANTRY_TEMPLATES_DIRECTORY: z.string().optional(),
  TENANTRY_LICENSE_PUBLIC_KEYS_FILE: z.string().optional(),
  TENANTRY_SMTP_HOST: z.string().min(1).optional(),
  TENANTRY_SMTP_PORT: port.default(587),
  TENANTRY_SMTP_SECURITY: z.enum(['none', 'starttls', 'tls'], 'is none of none, starttls, tls').default('starttls'),
  TENANTRY_SMTP_EHLO_NAME: ehloName.optional(),
  TENANTRY_SMTP_USERNAME: credential.optional(),
  TENANTRY_SMTP_PASSWORD_FILE: z.string().optional(),
  TENANTRY_SMTP_CA_FILE: z.string().optional(),
  TENANTRY_MAIL_FROM: z.string().regex(mailbox, 'is not a mail address').optional(),
  TENANTRY_MAIL_FROM_NAME: z.string().max(120).default('Tenantry'),
  TENANTRY_LEASE_DURATION: duration.default(15_000),
  TENANTRY_RENEW_DEADLINE: duration.default(10_000),
  TENANTRY_RETRY_PERIOD: duration.default(2000),
  TENANTRY_CATALOGUE_INTERVAL: duration.default(60_000),
  TENANTRY_SIZE_INTERVAL: duration.default(900_000),
  TENANTRY_PROBE_INTERVAL: duration.default(600_000),
  TENANTRY_EVICTION_TIMEOUT: duration.default(300_000),
  TENANTRY_ALIAS_DURATION: duration.default(30 * 86_400_000),
  TENANTRY_MASQUERADE_LIMIT: duration.default(3_600_000),
  TENANTRY_MASQUERADE_RETENTION: duration.default(7 * 86_400_000),
  TENANTRY_ROLLOUT_RATE: count(1, 1000).default(10),
  TENANTRY_CONCURRENCY: count(1, 256).default(16),
  ...brakeEnvironment,
  ...deletionEnvironment,
  ...dnsEnvironment,
  ...dumpEnvironment,
})

interface Namespaces {
  readonly TENANTRY_NAMESPACE: string
  readonly TENANTRY_WEB_NAMESPACE?: string | undefined
}

/** The namespace of the Secrets of the pages, by default beside the operator's. */
export function webNamespaceOf(env: Namespaces): string {
  return env.TENANTRY_WEB_NAMESPACE ?? `${env.TENANTRY_NAMESPACE}-web`
}

/** In one namespace the pages' account could read the operator's Secrets (docs/decisions/0040-pages-apart.md). */
export function namespaceProblems(env: Namespaces): readonly string[] {
  return webNamespaceOf(env) === env.TENANTRY_NAMESPACE
    ? ['TENANTRY_WEB_NAMESPACE is the namespace of the operator; the Secrets of the pages need one of their own.']
    : []
}
