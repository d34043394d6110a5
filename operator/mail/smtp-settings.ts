/** How the relay is reached and who the sender is. Times are milliseconds. */

/** `starttls` is required, never opportunistic: a relay that does not offer it is an error of configuration. */
export type SmtpSecurity = 'none' | 'starttls' | 'tls'

export interface SmtpSettings {
  readonly host: string
  readonly port: number
  /** The name in EHLO: a host name with a dot in it, or an address in brackets, as RFC 5321 wants it. */
  readonly name?: string | undefined
  readonly security: SmtpSecurity
  /** Never used with `none`: a password does not cross the network in the clear. */
  readonly username?: string | undefined
  /** Read at each login: a corrected password needs no restart. Rejects with MailError when it cannot be had. */
  readonly password?: (() => Promise<string>) | undefined
  /** PEM of the authorities that may sign the relay's certificate; the system's when absent. */
  readonly ca?: string | undefined
  readonly from: { readonly address: string; readonly name: string }
  readonly timeouts?: Partial<SmtpTimeouts>
}

export interface SmtpTimeouts {
  /** For a connection, including the lookup of the name and every address tried. */
  readonly connection: number
  readonly greeting: number
  /**
   * Without a byte from the relay. RFC 5321 (section 4.5.3.2) asks for up to 10 minutes; an invite need not wait so
   * long.
   */
  readonly socket: number
  /** From the start to the relay's last word. */
  readonly deadline: number
}

export const defaultTimeouts: SmtpTimeouts = { connection: 10_000, greeting: 10_000, socket: 30_000, deadline: 60_000 }
