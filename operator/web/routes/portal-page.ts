/** The route of the portal: a card for each tenant that the person can enter. */
import type { FastifyInstance } from 'fastify'
import { longTime } from '../../mail/message.ts'
import { oneLine } from '../../mail/one-line.ts'
import { isTrue } from '../../api/conditions.ts'
import { entrancesOf } from '../portal/entrances.ts'
import type { Entrance } from '../portal/entrances.ts'
import type { EntranceCard } from '../views/sign-in-pages.ts'
import { barOf, requireSession } from './require-session.ts'
import { startPath } from './sign-in-context.ts'
import type { SignInRouteContext } from './sign-in-context.ts'

const mostCards = 200

export function portalRoute(app: FastifyInstance, context: SignInRouteContext): void {
  const { ports, views } = context
  app.get(
    startPath,
    requireSession(context, (_, reply, session) => {
      const entrances = entrancesOf(session.person, ports.caches, ports.clock.now())
      const page = views.render('portal', {
        bar: barOf(session),
        wide: true,
        root: session.person.root,
        entrances: entrances.slice(0, mostCards).map(cardOf),
        more: Math.max(0, entrances.length - mostCards),
      })
      return reply.type('text/html').send(page)
    }),
  )
}

function cardOf({ tenant: { spec, status }, way, msp, until }: Entrance): EntranceCard {
  const name = oneLine(spec.displayName)
  const url = spec.state === 'Active' && isTrue(status?.conditions, 'Available') ? webUrl(status?.url) : undefined
  return {
    name,
    initial: (Array.from(name)[0] ?? '').toLocaleUpperCase('en'),
    cloudId: status?.cloudId,
    url: url?.href,
    host: url?.host,
    state: url === undefined ? stateOf(spec.state, status?.phase) : undefined,
    way: wayInWords(way, msp),
    until: until === undefined ? undefined : longTime(until),
  }
}

function webUrl(text: string | undefined): URL | undefined {
  const url = text === undefined ? null : URL.parse(text)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined
}

function stateOf(state: string, phase: string | undefined): string {
  if (state !== 'Active') return state
  return phase === undefined || phase === 'Active' ? 'Not available at the moment' : phase
}

function wayInWords(way: Entrance['way'], msp: string | undefined): string {
  switch (way) {
    case 'Own':
      return 'Your tenant'
    case 'Inherited':
      return `Through ${oneLine(msp ?? '')}`
    case 'Delegated':
      return 'Delegated to you'
    case 'Masquerade':
      return 'Masquerade'
  }
}
