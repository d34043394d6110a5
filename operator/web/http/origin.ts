/**
 * Whether a form was sent from our own page. Browsers say so in Sec-Fetch-Site (Fetch Metadata); older ones in Origin
 * (RFC 6454), which is `null` under our referrer policy, so that those are told apart by the form's key alone. Pure.
 */

export interface OriginHeaders {
  readonly origin?: string | undefined
  readonly 'sec-fetch-site'?: string | string[] | undefined
}

export function isSameOrigin(headers: OriginHeaders, publicUrl: string): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const { origin } = headers
  return origin === undefined || origin === 'null' || origin === new URL(publicUrl).origin
}
