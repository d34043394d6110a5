/** What a server refuses of what is nobody's need, and what passes by itself. */
import test from 'ava'
import { PostgresError } from '../../../../operator/postgres/model/port.ts'
import { notTaken, succeeds } from '../../../../operator/postgres/model/refused-statement.ts'

const failing = (sqlstate: string | undefined) => Promise.reject(new PostgresError('Refused', 'no', sqlstate))

for (const code of ['22023', '42501', '42704', '25001', '0A000', '55P02', '3F000', 'XX000'])
  test(`${code} is a refusal`, async (t) => {
    t.false(await succeeds(failing(code), notTaken))
  })

for (const code of ['08006', '40001', '53300', '57014', '57P01', '58030', '55P03', '25006', undefined])
  test(`${code ?? 'a lost connection'} says nothing of the statement`, async (t) => {
    await t.throwsAsync(succeeds(failing(code), notTaken))
  })
