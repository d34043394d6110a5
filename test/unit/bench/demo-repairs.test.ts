import test from 'ava'
import { repairsIn } from '../../../scripts/demo/repairs.ts'

const line = (fields: object) => JSON.stringify({ level: 'info', msg: 'object created', ...fields })

test('The log of the operator tells what was put right, and how often', (t) => {
  const policy = { namespace: 'tenant-acme', object: 'NetworkPolicy tenantry-isolation' }
  const log = [
    line({ ...policy, why: 'repair' }),
    line({ ...policy, why: 'repair' }),
    line({ ...policy, why: 'suspend' }),
    line({ why: 'repair', server: 'main', database: 't_acme' }),
    'no line of ours with "repair"',
    '',
  ]
  t.deepEqual([...repairsIn(log.join('\n'))], [['NetworkPolicy tenant-acme/tenantry-isolation', 2]])
})
