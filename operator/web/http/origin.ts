/**
 * Whether a form was sent from this application's own page. Browsers say so in Sec-Fetch-Site (Fetch Metadata); older
 * ones in Origin (RFC 6454), which is `null` under this application's referrer policy, so that only the form's key
 * tells those apart. Pure.
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
