/** The one answer to every link that does not work: unknown, expired, used, replaced by a newer one. */
import type { FastifyReply } from 'fastify'
import { pause } from '../../runtime/base/deadline.ts'
import type { RouteContext } from './route-context.ts'

const never = new AbortController().signal

/** Held back until a fixed time after `since` (monotonic milliseconds), so that the time reveals nothing either. */
export async function deadLink(
  reply: FastifyReply,
  since: number,
  { ports, settings, views }: RouteContext,
): Promise<FastifyReply> {
  const left = settings.deadLinkDelay - (ports.clock.monotonic() - since)
  if (left > 0) await pause(ports.clock, left, never)
  return reply.code(410).type('text/html').send(views.render('dead', {}))
}
