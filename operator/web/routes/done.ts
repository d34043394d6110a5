/** The progress page after accepting, until the tenant is ready. Only for the browser that accepted. */
import type { FastifyInstance } from 'fastify'
import { isTrue } from '../../api/conditions.ts'
import type { Tenant } from '../../api/tenant.ts'
import { tenantAdmins } from '../../api/tenantadmin.ts'
import { oneLine } from '../../mail/one-line.ts'
import { verifyToken } from '../../tenantadmin/invite/token.ts'
import { acceptPath, cookiesFor } from '../http/cookies.ts'
import { isFor, isTheSame, tenantOf } from '../accept/invitation.ts'
import type { DonePage } from '../views/views.ts'
import { deadLink } from './dead-link.ts'
import type { RouteContext } from './route-context.ts'

/** Seconds between two refreshes: short while there is progress, long once it stalls. */
const refreshes = { underWay: 3, stalled: 20 } as const

export function doneRoute(app: FastifyInstance, context: RouteContext): void {
  const { ports, settings, views } = context
  const cookies = cookiesFor(settings.publicUrl)
  app.get(`${acceptPath}/done`, async (request, reply) => {
    const since = ports.clock.monotonic()
    const ring = await ports.keys()
    const claims = verifyToken(request.cookies[cookies.done] ?? '', 'done', ring.find)
    if (claims === undefined || claims.expiresAt <= ports.clock.now()) return deadLink(reply, since, context)
    const admin = await ports.kube.get(tenantAdmins, claims)
    if (admin === undefined || !isFor(admin, claims)) return deadLink(reply, since, context)
    const tenant = await tenantOf(admin, ports.kube)
    if (tenant === undefined || !isTheSame(tenant, claims.tenantUid)) return deadLink(reply, since, context)
    return reply.type('text/html').send(views.render('done', donePage(tenant, admin.spec.username)))
  })
}

function donePage({ spec, status }: Tenant, username: string): DonePage {
  const ready = isTrue(status?.conditions, 'Available')
  const stalled = !ready && isTrue(status?.conditions, 'Stalled')
  const refresh = stalled ? refreshes.stalled : refreshes.underWay
  return {
    tenantName: oneLine(spec.displayName),
    username,
    url: ready ? status?.url : undefined,
    ready,
    stalled,
    refresh: ready ? undefined : refresh,
  }
}
