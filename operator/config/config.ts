/**
 * The operator's settings: environment (as the chart sets it) → frozen {@link Config}, with all errors at once. Pure:
 * `main.ts` passes the environment and a function that reads a file; secrets come from files, so that they appear in no
 * process list and no pod's manifest.
 */
import type { z } from 'zod'
import { ConfigError, readEnvironment } from './read-environment.ts'
import { filesOf } from './config-files.ts'
import type { Files, ReadFile } from './config-files.ts'
import type { PublicKeys } from '../license/public-keys.ts'

import { brakeConfig } from './config-brake.ts'
import { deletionConfig } from './config-deletion.ts'
import { dnsConfig } from './config-dns.ts'
import { dumpConfig } from './config-dump.ts'
import type { DeletionBrakeSettings, DeletionSettings, DnsSettings } from '../tenant/model/settings.ts'
import { ehloNameOf } from './config-fields.ts'
import type { DumpConfig } from '../dump/settings.ts'
import { environment, namespaceProblems, webNamespaceOf } from './environment.ts'

export interface SmtpConfig {
  readonly host: string
  readonly port: number
  readonly security: 'none' | 'starttls' | 'tls'
  /** The name in EHLO. */
  readonly name: string
  readonly username: string | undefined
  /** Read for each login, so that a changed password counts at once. */
  readonly passwordFile: string | undefined
  readonly ca: string | undefined
  readonly from: { readonly address: string; readonly name: string }
}

/** Durations are milliseconds. */
export interface Config {
  readonly namespace: string
  /** The namespace of the Secrets of the pages. */
  readonly webNamespace: string
  /** A kubeconfig file; undefined: the cluster that the pod runs in. Never a user's current context. */
  readonly kubeconfig: string | undefined
  readonly pod: { readonly name: string; readonly uid: string }
  /** Undefined: the operator makes one at its first start and keeps it in the cluster. */
  readonly installation: string | undefined
  readonly namespacePrefix: string
  readonly baseDomain: string
  readonly tenantUrlScheme: 'http' | 'https'
  /** Where admins reach the accept page, without a slash at the end. */
  readonly publicUrl: string
  readonly userPrefix: string
  readonly clusterRolePrefix: string
  readonly bindableRoles: readonly string[]
  readonly dns: DnsSettings
  readonly reservedSubdomains: readonly string[]
  readonly invite: {
    readonly lifetime: number
    /** Milliseconds between two requested invites to one admin. */
    readonly resendInterval: number
    /** Milliseconds between mails to one address, after the first few; 0: none. */
    readonly mailInterval: number
    /** The same for mails in a tenant's name. */
    readonly tenantMailInterval: number
    readonly templatesDirectory: string | undefined
  }
  /** The keys that licenses are checked with, by key id; empty: no license is valid. */
  readonly licenseKeys: PublicKeys
  /** Undefined: no mail server is configured; invites wait and say so. */
  readonly smtp: SmtpConfig | undefined
  readonly listen: {
    readonly address: string
    readonly health: number
  }
  readonly lease: { readonly duration: number; readonly renewDeadline: number; readonly retryPeriod: number }
  /** How many deletions may begin within a window. */
  readonly deletionBrake: DeletionBrakeSettings
  readonly deletion: DeletionSettings
  /** Last dumps before a purge. */
  readonly dump: DumpConfig
  readonly requestTimeout: number
  readonly drainTimeout: number
  readonly catalogueInterval: number
  /** Milliseconds between two measurements of the tenants' data on a server, on average. */
  readonly sizeInterval: number
  readonly probeInterval: number
  readonly evictionTimeout: number
  /** How long a tenant keeps a former name; 0: not at all. */
  readonly aliasDuration: number
  /** How long a masquerade lasts at most, and how long its AccessGrant is kept afterwards. */
  readonly masquerade: { readonly limit: number; readonly retention: number }
  /** How many tenants per second follow an edit of their plan. */
  readonly rolloutRate: number
  readonly concurrency: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

type Environment = z.output<typeof environment>

/** @throws ConfigError with every problem found, each naming its variable. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>, readFile: ReadFile): Config {
  const { data, problems } = readEnvironment(environment, env, 'this operator')
  const files = filesOf(data, readFile, problems)
  const dump = dumpConfig(data, readFile, problems)
  problems.push(...namespaceProblems(data), ...contradictions(data))
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze({ ...arrange(data, files), dump })
}

function contradictions(env: Environment): string[] {
  const problems: string[] = []
  if (env.TENANTRY_SMTP_HOST !== undefined && env.TENANTRY_MAIL_FROM === undefined)
    problems.push('TENANTRY_MAIL_FROM is missing: with TENANTRY_SMTP_HOST set, mail needs a sender address.')
  if (env.TENANTRY_SMTP_USERNAME !== undefined && env.TENANTRY_SMTP_PASSWORD_FILE === undefined)
    problems.push(
      'TENANTRY_SMTP_PASSWORD_FILE is missing: with TENANTRY_SMTP_USERNAME set, the mail server needs a password.',
    )
  if (env.TENANTRY_SMTP_USERNAME !== undefined && env.TENANTRY_SMTP_SECURITY === 'none')
    problems.push('TENANTRY_SMTP_SECURITY is none, which would send the password in the clear; use starttls or tls.')
  if (env.TENANTRY_RENEW_DEADLINE >= env.TENANTRY_LEASE_DURATION)
    problems.push('TENANTRY_RENEW_DEADLINE must be shorter than TENANTRY_LEASE_DURATION.')
  if (env.TENANTRY_RETRY_PERIOD >= env.TENANTRY_RENEW_DEADLINE)
    problems.push('TENANTRY_RETRY_PERIOD must be shorter than TENANTRY_RENEW_DEADLINE.')
  return problems
}

function smtpOf(env: Environment, files: Files): SmtpConfig | undefined {
  if (env.TENANTRY_SMTP_HOST === undefined || env.TENANTRY_MAIL_FROM === undefined) return undefined
  return {
    host: env.TENANTRY_SMTP_HOST,
    port: env.TENANTRY_SMTP_PORT,
    security: env.TENANTRY_SMTP_SECURITY,
    name: env.TENANTRY_SMTP_EHLO_NAME ?? ehloNameOf(env.TENANTRY_PUBLIC_URL),
    username: env.TENANTRY_SMTP_USERNAME,
    passwordFile: env.TENANTRY_SMTP_PASSWORD_FILE,
    ca: files.smtpCa,
    from: { address: env.TENANTRY_MAIL_FROM, name: env.TENANTRY_MAIL_FROM_NAME },
  }
}

function inviteOf(env: Environment): Config['invite'] {
  return {
    lifetime: env.TENANTRY_INVITE_LIFETIME,
    resendInterval: env.TENANTRY_RESEND_INTERVAL,
    mailInterval: env.TENANTRY_MAIL_INTERVAL,
    tenantMailInterval: env.TENANTRY_TENANT_MAIL_INTERVAL,
    templatesDirectory: env.TENANTRY_TEMPLATES_DIRECTORY,
  }
}

function arrange(env: Environment, files: Files): Omit<Config, 'dump'> {
  return {
    namespace: env.TENANTRY_NAMESPACE,
    webNamespace: webNamespaceOf(env),
    kubeconfig: env.TENANTRY_KUBECONFIG,
    pod: { name: env.TENANTRY_POD_NAME, uid: env.TENANTRY_POD_UID },
    installation: env.TENANTRY_INSTALLATION,
    namespacePrefix: env.TENANTRY_NAMESPACE_PREFIX,
    baseDomain: env.TENANTRY_BASE_DOMAIN,
    tenantUrlScheme: env.TENANTRY_TENANT_URL_SCHEME,
    publicUrl: env.TENANTRY_PUBLIC_URL,
    userPrefix: env.TENANTRY_USER_PREFIX,
    clusterRolePrefix: env.TENANTRY_CLUSTER_ROLE_PREFIX,
    bindableRoles: env.TENANTRY_BINDABLE_ROLES,
    dns: dnsConfig(env),
    reservedSubdomains: env.TENANTRY_RESERVED_SUBDOMAINS,
    invite: inviteOf(env),
    licenseKeys: files.licenseKeys,
    smtp: smtpOf(env, files),
    listen: listenOf(env),
    ...timesOf(env),
    deletionBrake: brakeConfig(env),
    deletion: deletionConfig(env),
    concurrency: env.TENANTRY_CONCURRENCY,
    logLevel: env.TENANTRY_LOG_LEVEL,
  }
}

function listenOf(env: Environment): Config['listen'] {
  return {
    address: env.TENANTRY_LISTEN_ADDRESS,
    health: env.TENANTRY_HEALTH_PORT,
  }
}

function timesOf(env: Environment) {
  return {
    lease: {
      duration: env.TENANTRY_LEASE_DURATION,
      renewDeadline: env.TENANTRY_RENEW_DEADLINE,
      retryPeriod: env.TENANTRY_RETRY_PERIOD,
    },
    requestTimeout: env.TENANTRY_REQUEST_TIMEOUT,
    drainTimeout: env.TENANTRY_DRAIN_TIMEOUT,
    catalogueInterval: env.TENANTRY_CATALOGUE_INTERVAL,
    sizeInterval: env.TENANTRY_SIZE_INTERVAL,
    probeInterval: env.TENANTRY_PROBE_INTERVAL,
    evictionTimeout: env.TENANTRY_EVICTION_TIMEOUT,
    aliasDuration: env.TENANTRY_ALIAS_DURATION,
    masquerade: { limit: env.TENANTRY_MASQUERADE_LIMIT, retention: env.TENANTRY_MASQUERADE_RETENTION },
    rolloutRate: env.TENANTRY_ROLLOUT_RATE,
  }
}
