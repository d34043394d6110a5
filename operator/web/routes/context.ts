/** What a route has at hand. */
import type { WebPorts } from '../ports.ts'
import type { WebSettings } from '../settings.ts'
import type { Views } from '../views.ts'

export interface Room {
  readonly ports: WebPorts
  readonly settings: WebSettings
  readonly views: Views
}
