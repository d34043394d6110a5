/** The operator's ports with {@link Effects} around each effect. */
import pg from 'pg'
import type { Adapters } from '../../operator/app/ports.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import type { KubeObject, ObjectKey, Resource } from '../../operator/kube/port.ts'
import type { Mailer } from '../../operator/mail/port.ts'
import { aroundDumps } from './dump-effects.ts'
import type { Effects } from './effects.ts'

export function withEffects(adapters: Adapters, effects: Effects): Adapters {
  aroundStatements(effects)
  aroundDumps(effects)
  return { ...adapters, kube: aroundWrites(adapters.kube, effects), mailer: aroundMails(adapters.mailer, effects) }
}

function aroundWrites(kube: KubeClient, effects: Effects): KubeClient {
  const around = async <T>(verb: string, resource: Resource, key: ObjectKey, more: string, run: () => Promise<T>) => {
    if (resource.kind === 'Lease') return run()
    const where = `${resource.kind} ${key.namespace ?? ''}/${key.name}`
    return effects.around(`${verb} ${where}${more}`, run)
  }
  const learned = <T extends KubeObject>(object: T): T => {
    effects.learn(object)
    return object
  }
  return {
    ...kube,
    create: async (resource, object) =>
      learned(await around('create', resource, keyOf(object), '', () => kube.create(resource, object))),
    replace: async (resource, object) =>
      learned(await around('replace', resource, keyOf(object), '', () => kube.replace(resource, object))),
    patch: async (resource, key, patch, subresource) => {
      const more = subresource === undefined ? '' : ` ${subresource}`
      return learned(await around('patch', resource, key, more, () => kube.patch(resource, key, patch, subresource)))
    },
    delete: (resource, key, preconditions, grace) =>
      around('delete', resource, key, '', () => kube.delete(resource, key, preconditions, grace)),
    createSubresource: (resource, key, subresource, body) =>
      around('create', resource, key, ` ${subresource}`, () =>
        kube.createSubresource(resource, key, subresource, body),
      ),
  }
}

/** Events have names by chance: what they are about names them. */
function keyOf(object: KubeObject): ObjectKey {
  const { name, namespace } = object.metadata
  if (object.kind !== 'Event') return { name, ...(namespace === undefined ? {} : { namespace }) }
  const { regarding, reason } = object as KubeObject & { regarding?: { name?: string }; reason?: string } // events.k8s.io
  return { name: `${reason ?? ''} of ${regarding?.name ?? ''}` }
}

function aroundMails(mailer: Mailer, effects: Effects): Mailer {
  return {
    send: (message, signal) => effects.around(`mail to ${message.to}`, () => mailer.send(message, signal)),
    close: () => mailer.close(),
  }
}

/** Each statement that changes something is one effect; several in one query are one transaction. */
function aroundStatements(effects: Effects): void {
  const prototype: { query: (this: pg.Client, ...args: unknown[]) => unknown } = pg.Client.prototype
  const { query } = prototype
  prototype.query = function around(this: pg.Client, ...args: unknown[]): unknown {
    const text = textOf(args[0])
    const run = () => Promise.resolve(Reflect.apply(query, this, args))
    if (text === undefined || !changes(text)) return Reflect.apply(query, this, args)
    return effects.around(`sql ${headsOf(text)} on ${databaseIn(text, this.database)}`, run)
  }
}

function textOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument
  const text: unknown = typeof argument === 'object' && argument !== null ? Reflect.get(argument, 'text') : undefined
  return typeof text === 'string' ? text : undefined
}

function changes(text: string): boolean {
  return /^\s*(SET LOCAL|CREATE|ALTER|DROP|GRANT|REVOKE|COMMENT|INSERT|WITH wanted)\b/.test(text)
}

/** The first two words of each statement, once. */
function headsOf(text: string): string {
  const heads = text.split(';\n').map((statement) => statement.trim().split(/\s+/).slice(0, 2).join(' '))
  return [...new Set(heads.map((head) => head.replaceAll(/"[^"]*"|\(.*$/g, '').trim()))].join(', ')
}

/** The name of a tenant's database, or of what a dump of it needs, in the text or as where the session is. */
function databaseIn(text: string, database: string | undefined): string {
  return /\bt_[a-z2-7]{16}(_[drv]\b)?/.exec(text)?.[0] ?? database ?? ''
}
