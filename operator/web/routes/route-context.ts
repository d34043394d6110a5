/** The context of a route. */
import type { WebPorts } from '../accept/ports.ts'
import type { WebSettings } from '../accept/settings.ts'
import type { Views } from '../views/views.ts'

export interface RouteContext {
  readonly ports: WebPorts
  readonly settings: WebSettings
  readonly views: Views
}
