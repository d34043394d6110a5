/** The real adapters: the Kubernetes API, PostgreSQL, the mail relay, the system clock and standard output. */
import { fieldManager } from '../api/names.ts'
import type { Adapters } from './ports.ts'
import type { Config } from '../config/config.ts'
import { createDumpTarget } from '../dump/dump-target.ts'
import { createClient } from '../kube/client.ts'
import { createContents } from '../kube/namespace-contents.ts'
import { loadKubeConfig } from '../kube/kubeconfig.ts'
import { Connection } from '../kube/http-connection.ts'
import { passwordIn } from '../mail/password-file.ts'
import type { Mailer } from '../mail/port.ts'
import { createSmtpMailer, createUnconfiguredMailer } from '../mail/smtp.ts'
import { loadTemplates } from '../mail/templates.ts'
import { connectPostgres } from '../postgres/adapter.ts'
import type { Logger } from '../runtime/logging/log.ts'
import { createMetrics } from '../runtime/metrics/metrics.ts'
import { systemClock as clock, systemRandom as random } from '../runtime/base/system-clock.ts'
import { version } from './version.ts'

/** @throws Error in a plain sentence when the kubeconfig or a mail template cannot be used. */
export function createAdapters(config: Config, log: Logger): Adapters {
  const metrics = createMetrics(clock.monotonic, { process: true })
  const kubeConfig = loadKubeConfig({ kubeconfig: config.kubeconfig })
  const observe = metrics.request
  const connection = new Connection({ config: kubeConfig, clock, userAgent: `${fieldManager}/${version}`, observe })
  return {
    kubeConfig,
    kube: createClient({ connection, fieldManager, deadline: config.requestTimeout }),
    contents: createContents({ connection, deadline: config.requestTimeout }),
    postgres: (options) => connectPostgres({ ...options, podUid: config.pod.uid, clock }),
    mailer: createMailer(config.smtp),
    dumpTarget: createDumpTarget(config.dump),
    templates: loadTemplates(config.invite.templatesDirectory),
    clock,
    random,
    log,
    metrics,
    close: () => connection.close(),
  }
}

function createMailer(smtp: Config['smtp']): Mailer {
  if (smtp === undefined) return createUnconfiguredMailer()
  const { passwordFile, ...settings } = smtp
  return createSmtpMailer(
    { ...settings, password: passwordFile === undefined ? undefined : passwordIn(passwordFile) },
    clock,
  )
}
