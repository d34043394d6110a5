/** Logs in as an application would, at the address that applications use. */
import type { ClientAddress } from '../model/address.ts'
import { open } from '../session/connection.ts'
import type { TenantLogin } from '../model/port.ts'
import { column } from '../session/server.ts'
import { systemIdentifierQuery } from '../statements/identity-sql.ts'

/** A pooler refuses the settings with which the operator's own sessions start. */
export async function reach(at: ClientAddress, login: TenantLogin, signal: AbortSignal): Promise<string | undefined> {
  const address = { ...at, username: login.username, password: login.password }
  const connection = await open({ address, ...login, applicationName: 'tenantry-probe', plain: true }, signal)
  try {
    const [row] = await connection.run({ text: systemIdentifierQuery }, signal)
    const identifier = column(row, 'identifier')
    return typeof identifier === 'string' ? identifier : undefined
  } finally {
    await connection.close()
  }
}
