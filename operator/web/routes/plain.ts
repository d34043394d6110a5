/** The routes of the pages and files that are the same for all visitors. */
import type { FastifyInstance } from 'fastify'
import type { Views } from '../views/views.ts'

export function plainRoutes(app: FastifyInstance, views: Views): void {
  app.get('/', (_request, reply) => reply.redirect('/portal', 303))
  app.get(views.stylesheet.path, (_request, reply) =>
    reply
      .type('text/css')
      .header('cache-control', 'public, max-age=31536000, immutable')
      .send(views.stylesheet.content),
  )
  app.get('/robots.txt', (_request, reply) => reply.type('text/plain').send('User-agent: *\nDisallow: /\n'))
}
