/** What brings a tenant from one server to another: its roles with their marks, and its database. */
import { join } from 'node:path'
import { temporaryFolder } from '../harness/folder.ts'
import { asAdministrator } from '../harness/postgres-clients.ts'
import type { Postgres } from '../harness/postgres.ts'

interface Role {
  readonly name: string
  readonly login: boolean
  readonly password: string | null
  readonly mark: string
}

/** `database`: of a tenant with isolation Database, whose owner role has the same name. */
export async function copyTenant(database: string, from: Postgres, to: Postgres, marks = true): Promise<void> {
  const roles = await from.query<Role & Record<string, unknown>>(
    `SELECT rolname AS name, rolcanlogin AS login, rolpassword AS password, shobj_description(oid, 'pg_authid') AS mark
     FROM pg_authid WHERE rolname LIKE '${database}%' ORDER BY 1`,
  )
  for (const role of roles) {
    const login = role.login ? `LOGIN PASSWORD '${role.password ?? ''}'` : 'NOLOGIN'
    await to.query(`CREATE ROLE ${role.name} ${login}`)
    if (marks) await to.query(`COMMENT ON ROLE ${role.name} IS '${role.mark}'`)
    if (role.name !== database) await to.query(`GRANT ${database} TO ${role.name}`)
    await to.query(`GRANT ${role.name} TO tenantry WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`)
  }
  const unfinished = `${database}_restored`
  await to.query(`CREATE DATABASE ${unfinished} OWNER tenantry`)
  const folder = await temporaryFolder('copy')
  const file = join(folder.path, 'dump')
  await asAdministrator(from, 'pg_dump', ['--format=custom', `--file=${file}`, database])
  await asAdministrator(to, 'pg_restore', [
    '--exit-on-error',
    `--dbname=${unfinished}`,
    ...(marks ? [] : ['--no-comments']),
    file,
  ])
  await folder.remove()
  // Under its own name the operator would take it over before it is whole.
  await to.query(`ALTER DATABASE ${unfinished} RENAME TO ${database}`)
}
