/**
 * The pace of mails to one address, and in the name of one tenant: a number at once, then one per interval. No mailbox
 * is flooded, however many TenantAdmins name it. Kept in memory: a restart resets it.
 * What becomes of an invite that must wait: tenantadmin/decide.ts. The invites of a tenant on one day:
 * domain/invites-per-day.ts.
 */
import type { Clock } from '../runtime/base/clock.ts'

export interface MailRate {
  /** This many may follow each other without a pause. */
  readonly atOnce: number
  /** Milliseconds between the others; 0: no limit. */
  readonly interval: number
}

export interface MailPaceSettings {
  readonly address: MailRate
  readonly tenant: MailRate
}

export const defaultMailPace: MailPaceSettings = {
  address: { atOnce: 5, interval: 300_000 },
  tenant: { atOnce: 100, interval: 6_000 },
}

/** The recipient and the sender (the uid of a Tenant, or nothing where no sender is known). */
export interface MailParties {
  readonly address: string
  readonly tenant: string | undefined
}

/** What a mail waits for, and how long: milliseconds. */
export interface Wait {
  readonly for: 'Address' | 'Tenant'
  readonly dueIn: number
}

export class MailPace {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #address: Row
  readonly #tenant: Row

  constructor(clock: Pick<Clock, 'monotonic'>, { address, tenant }: MailPaceSettings) {
    this.#clock = clock
    this.#address = new Row(address)
    this.#tenant = new Row(tenant)
  }

  /** Undefined: the mail may go now. */
  wait({ address, tenant }: MailParties): Wait | undefined {
    const now = this.#clock.monotonic()
    const forAddress = this.#address.dueIn(mailboxOf(address), now)
    const forTenant = tenant === undefined ? 0 : this.#tenant.dueIn(tenant, now)
    if (forAddress > 0) return { for: 'Address', dueIn: Math.max(forAddress, forTenant) }
    return forTenant > 0 ? { for: 'Tenant', dueIn: forTenant } : undefined
  }

  /** A mail is sent; the returned function undoes the count, for a mail that was not. */
  take({ address, tenant }: MailParties): () => void {
    const now = this.#clock.monotonic()
    const recipient = mailboxOf(address)
    this.#address.take(recipient, now)
    if (tenant !== undefined) this.#tenant.take(tenant, now)
    return () => {
      this.#address.giveBack(recipient)
      if (tenant !== undefined) this.#tenant.giveBack(tenant)
    }
  }
}

/** Most providers deliver mail to `ann+anything` to ann. */
function mailboxOf(address: string): string {
  const [local = '', domain = ''] = address.toLowerCase().split('@')
  return `${local.split('+')[0]}@${domain}`
}

/** Beyond this number, outdated entries are removed. */
const manyEntries = 10_000

class Row {
  readonly #rate: MailRate
  /** By key, when all counted mails would have gone at one per interval: monotonic milliseconds. */
  readonly #full = new Map<string, number>()

  constructor(rate: MailRate) {
    this.#rate = rate
  }

  dueIn(key: string, now: number): number {
    const ahead = (this.#full.get(key) ?? now) - now
    return Math.max(0, ahead - (this.#rate.atOnce - 1) * this.#rate.interval)
  }

  take(key: string, now: number): void {
    if (this.#rate.interval === 0) return
    if (this.#full.size >= manyEntries) this.#tidy(now)
    this.#full.set(key, Math.max(this.#full.get(key) ?? now, now) + this.#rate.interval)
  }

  giveBack(key: string): void {
    const full = this.#full.get(key)
    if (full !== undefined) this.#full.set(key, full - this.#rate.interval)
  }

  #tidy(now: number): void {
    for (const [key, full] of this.#full) if (full <= now) this.#full.delete(key)
  }
}
