/** Builds the web application. pages/pages.ts makes it listen, and tests inject requests. */
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { KubeError } from '../kube/port.ts'
import type { WebPorts } from './accept/ports.ts'
import { acceptPath } from './http/cookies.ts'
import { clientOf, RateLimiter } from './http/rate-limit.ts'
import { acceptRoutes } from './routes/accept-page.ts'
import { doneRoute } from './routes/done.ts'
import { plainRoutes } from './routes/plain.ts'
import { addSecurityHeaders } from './http/security.ts'
import type { WebSettings } from './accept/settings.ts'
import { loadViews } from './views/views.ts'
import type { Views } from './views/views.ts'

/** Milliseconds for a whole request to arrive. */
const requestTimeout = 15_000

/** Adds routes of its own to the pages. */
export type AddRoutes = (app: FastifyInstance, views: Views) => void

export async function buildApp(ports: WebPorts, settings: WebSettings, add?: AddRoutes): Promise<FastifyInstance> {
  const app = fastify({
    // Fastify's own log contains URLs, and one of them has a token in its query.
    logger: false,
    // The entry that the trusted proxy wrote, and none that its client may have made up.
    trustProxy: settings.trustProxy ? (_address: string, hop: number) => hop < 1 : false,
    bodyLimit: 16 * 1024,
    requestTimeout,
    // Otherwise Fastify sets this after Node has taken a longer one for the headers, and a body may then arrive for
    // ever.
    http: { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval: 2_000 },
    routerOptions: { maxParamLength: 1024 },
    genReqId: () => ports.random.bytes(6).toString('hex'),
  })
  const views = loadViews(settings.productName)
  addSecurityHeaders(app, settings.publicUrl.startsWith('https:'))
  addRateLimit(app, ports, settings, views)
  addLog(app, ports)
  addErrorPages(app, ports, views)
  await app.register(cookie)
  await app.register(formbody)
  plainRoutes(app, views)
  acceptRoutes(app, { ports, settings, views })
  doneRoute(app, { ports, settings, views })
  add?.(app, views)
  await app.ready()
  return app
}

/** Looking costs 1, trying costs 5: a person needs few, an attacker needs many. */
function addRateLimit(app: FastifyInstance, { clock }: WebPorts, settings: WebSettings, views: Views): void {
  const limiter = new RateLimiter(settings.rateLimit)
  app.addHook('onRequest', async (request, reply) => {
    // The route, as one path has many spellings: `/%61ccept`.
    if (request.routeOptions.url?.startsWith(acceptPath) !== true) return
    const wait = limiter.spend(clientOf(request.ip), request.method === 'POST' ? 5 : 1, clock.monotonic())
    if (wait > 0) await reply.code(429).header('retry-after', wait).type('text/html').send(views.render('too-many', {}))
  })
}

/** The route as it was declared, never the URL as it arrived. */
function addLog(app: FastifyInstance, { log }: WebPorts): void {
  app.addHook('onResponse', (request, reply, next) => {
    const milliseconds = Math.round(reply.elapsedTime)
    const route = request.routeOptions.url ?? 'none'
    log.debug('answered', { method: request.method, route, status: reply.statusCode, milliseconds, id: request.id })
    next()
  })
}

function addErrorPages(app: FastifyInstance, { log }: WebPorts, views: Views): void {
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/html').send(views.render('not-found', {})))
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error)
    const route = request.routeOptions.url ?? 'none'
    if (status >= 500) log.error('a request failed', { error, route, method: request.method, id: request.id })
    const page = views.render('error', { reference: request.id, temporary: status === 503 })
    return reply.code(status).type('text/html').send(page)
  })
}

/** The cluster's failures are temporary; a client's mistakes (too long a body, say) keep their status. */
function statusOf(error: unknown): number {
  if (error instanceof KubeError) return 503
  const status: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'statusCode') : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}
