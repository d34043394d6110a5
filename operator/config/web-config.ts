/** The settings of the process that serves the pages: environment (as the chart sets it) → frozen {@link WebConfig}. Pure. */
import { environment, namespaceProblems, webEnvironment, webNamespaceOf } from './environment.ts'
import { contentOf } from './config-files.ts'
import type { ReadFile } from './config-files.ts'
import { ConfigError, readEnvironment } from './read-environment.ts'
import type { Variables } from './read-environment.ts'
import { noSignIn, signInConfig } from './sign-in-config.ts'
import type { SignInConfig } from './sign-in-config.ts'

/** The image is the operator's too, and has some of its settings. */
const operatorSettings = Object.keys(environment.shape)

/** Durations are milliseconds. */
export interface WebConfig {
  /** The namespace of the operator, which keeps the id of the installation there. */
  readonly namespace: string
  /** The namespace of the Secrets of the pages. */
  readonly webNamespace: string
  /** A kubeconfig file; undefined: the cluster that the pod runs in. Never a user's current context. */
  readonly kubeconfig: string | undefined
  /** The base URL of the pages, without a slash at the end. */
  readonly publicUrl: string
  readonly productName: string
  /** The prefix of the e-mail address in a Kubernetes user. */
  readonly userPrefix: string
  readonly signIn: SignInConfig
  /** Whether admins sign in with a password from Tenantry, which the accept page then asks for. */
  readonly localSignIn: boolean
  readonly listen: {
    readonly address: string
    readonly web: number
    readonly health: number
    /** Exactly one trusted proxy is in front. */
    readonly trustProxy: boolean
  }
  readonly requestTimeout: number
  readonly drainTimeout: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

/** @throws ConfigError with every problem found, each naming its variable. */
export function parseWebConfig(env: Variables, readFile: ReadFile): WebConfig {
  const { data, problems } = readEnvironment(webEnvironment, env, 'the pages', operatorSettings)
  const file = contentOf('TENANTRY_SIGN_IN_FILE', data.TENANTRY_SIGN_IN_FILE, readFile, problems)
  const signIn = file === undefined ? noSignIn : signInConfig(file, problems)
  problems.push(...namespaceProblems(data))
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze({
    namespace: data.TENANTRY_NAMESPACE,
    webNamespace: webNamespaceOf(data),
    kubeconfig: data.TENANTRY_KUBECONFIG,
    publicUrl: data.TENANTRY_PUBLIC_URL,
    productName: data.TENANTRY_PRODUCT_NAME,
    userPrefix: data.TENANTRY_USER_PREFIX,
    signIn,
    localSignIn: data.TENANTRY_LOCAL_SIGN_IN,
    listen: {
      address: data.TENANTRY_LISTEN_ADDRESS,
      web: data.TENANTRY_WEB_PORT,
      health: data.TENANTRY_HEALTH_PORT,
      trustProxy: data.TENANTRY_TRUST_PROXY,
    },
    requestTimeout: data.TENANTRY_REQUEST_TIMEOUT,
    drainTimeout: data.TENANTRY_DRAIN_TIMEOUT,
    logLevel: data.TENANTRY_LOG_LEVEL,
  })
}
