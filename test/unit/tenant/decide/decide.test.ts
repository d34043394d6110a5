/** The decision: for what is known of a tenant, which phase and reason are told, and which effects come in which order. */
import test from 'ava'
import { finalizer } from '../../../../operator/api/names.ts'
import type { Tenant } from '../../../../operator/api/tenant.ts'
import type { Action } from '../../../../operator/tenant/model/action.ts'
import type { Decision } from '../../../../operator/tenant/model/decision.ts'
import { bindingSecretName } from '../../../../operator/tenant/model/binding-secret.ts'
import { childId } from '../../../../operator/tenant/model/snapshot.ts'
import type { Fingerprint } from '../../../../operator/domain/fingerprint.ts'
import { decide } from '../../../../operator/tenant/decide/decide.ts'
import { condition, databaseServer, tenantAdmin, tenantPlan } from '../../../gen.ts'
import { begun, nameClaim, namespaceView, northwind, now, snapshot } from '../snapshot.ts'
import type { SnapshotOver } from '../snapshot.ts'

/** `phase, Ready=… reason`, and the stages: ` > ` is before, ` + ` side by side. */
interface Expected {
  readonly told: string
  readonly done?: string
}

type Row = readonly [sentence: string, known: SnapshotOver, expected: Expected]

function told({ outlook }: Decision): string {
  if (outlook === undefined) return 'let go'
  const { phase, ready, reconciling, stalled } = outlook
  return [
    `${phase}, Ready=${ready.status} ${ready.reason}`,
    ...(reconciling === undefined ? [] : [`Reconciling ${reconciling.reason}`]),
    ...(stalled === undefined ? [] : [`Stalled ${stalled.reason}`]),
  ].join(', ')
}

function named(action: Action): string {
  if ('claim' in action && typeof action.claim === 'object') return `${action.kind} ${action.claim.data['value'] ?? ''}`
  if (action.kind === 'EnsureChild') return action.child.childKind
  return action.kind
}

function done({ stages }: Decision): string {
  return stages
    .map((stage) => stage.map(({ target, actions }) => `${target}: ${actions.map(named).join(', ')}`).join(' + '))
    .join(' > ')
}

const home = (over: object) => ({ spec: over })
const claims = 'Tenant: AddFinalizer > Claims: ClaimName acme + Claims: ClaimName acme.example.com'
const bound = { finalizers: [finalizer] }
const onAccept = home({ provisioning: 'OnAccept' })
const notBegun: readonly Row[] = [
  [
    'no admin, and nothing is made before one accepts',
    { tenant: onAccept },
    { told: 'Pending, Ready=True AwaitingAcceptance', done: claims },
  ],
  [
    'an admin who was invited and has not answered',
    { tenant: onAccept, admins: [tenantAdmin({ invite: 'Pending' })] },
    { told: 'Pending, Ready=True AwaitingAcceptance', done: claims },
  ],
  [
    'the names are claimed already, and no admin has answered',
    { tenant: { ...onAccept, ...bound }, claims: [nameClaim('acme'), nameClaim('acme.example.com')] },
    { told: 'Pending, Ready=True AwaitingAcceptance', done: '' },
  ],
  [
    'a namespace that is no home: no name is claimed',
    { home: { kind: 'NotAHome' } },
    { told: 'Pending, Ready=False Misplaced, Stalled Misplaced', done: '' },
  ],
  [
    'somebody else’s namespace under its name',
    { namespace: namespaceView({ labels: {} }) },
    { told: 'Pending, Ready=False NamespaceConflict, Stalled NamespaceConflict', done: '' },
  ],
  [
    'no plan at all',
    { plans: [] },
    { told: 'Pending, Ready=False NoDefaultPlan, Reconciling NoDefaultPlan', done: claims },
  ],
  [
    'a plan that is not there',
    { tenant: home({ plan: 'gold' }) },
    { told: 'Pending, Ready=False PlanNotFound, Reconciling PlanNotFound', done: claims },
  ],
  [
    'a plan that was not tried yet',
    { plans: [{ ...tenantPlan(), status: { observedGeneration: 0 } }] },
    { told: 'Pending, Ready=False PlanNotReady, Reconciling PlanNotReady', done: claims },
  ],
  [
    'no server at all',
    { servers: [] },
    { told: 'Pending, Ready=False NoDatabaseServer, Reconciling NoDatabaseServer', done: claims },
  ],
  [
    'a server that is not there',
    { tenant: home({ database: { server: 'other' } }) },
    { told: 'Pending, Ready=False DatabaseServerNotFound, Reconciling DatabaseServerNotFound', done: claims },
  ],
  [
    'a server that was not looked at yet',
    { servers: [{ ...databaseServer(), status: { observedGeneration: -1 } }] },
    { told: 'Pending, Ready=False DatabaseServerNotReady, Reconciling DatabaseServerNotReady', done: claims },
  ],
  [
    'a server without room',
    { servers: [databaseServer({ spec: { capacity: { maxTenants: 1 } } })], placed: { main: 1 } },
    { told: 'Pending, Ready=False NoDatabaseServer, Reconciling NoDatabaseServer', done: claims },
  ],
  [
    'a license whose Secret is not there yet',
    { license: { valid: false, reason: 'SecretNotFound', message: '' } },
    { told: 'Pending, Ready=False SecretNotFound, Reconciling SecretNotFound', done: claims },
  ],
  [
    'a license that is damaged: no name is claimed',
    { license: { valid: false, reason: 'LicenseInvalid', message: '' } },
    { told: 'Pending, Ready=False LicenseInvalid, Stalled LicenseInvalid', done: '' },
  ],
  [
    'declared deactivated: it is at rest under its names',
    { tenant: home({ state: 'Deactivated' }) },
    { told: 'Deactivated, Ready=True Deactivated', done: claims },
  ],
  [
    'declared archived: it is at rest under its names',
    { tenant: home({ state: 'Archived' }) },
    { told: 'Archived, Ready=True Archived', done: claims },
  ],
  [
    'declared with an expiry that is over',
    { tenant: home({ expiresAt: '2029-12-31T23:59:59Z' }) },
    { told: 'Expired, Ready=True Expired', done: claims },
  ],
  [
    'below an MSP that is deactivated',
    { parent: { state: 'Deactivated' } },
    {
      told: 'Deactivated, Ready=True ParentSuspended',
      done: 'Tenant: AddFinalizer > Claims: ClaimName acme + Claims: ClaimName acme-northwind.example.com',
    },
  ],
  [
    'below an MSP that is being deleted',
    {
      home: below({ ...northwind(), metadata: { ...northwind().metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } }),
    },
    { told: 'Pending, Ready=False ParentDeleted, Reconciling ParentDeleted' },
  ],
  [
    'a name that was claimed under another Cloud ID: the rename comes first',
    {
      tenant: { ...home({ cloudId: 'initech' }), ...bound },
      claims: [nameClaim('acme'), nameClaim('acme.example.com')],
    },
    { told: 'Pending, Ready=False Renaming, Reconciling Renaming' },
  ],
]

const status: Partial<Tenant['status']> = {
  phase: 'Active',
  cloudId: 'acme',
  namespace: 'tenant-acme',
  database: { server: 'main', name: snapshot().names.database.database, isolation: 'Database' },
  conditions: [
    condition('Ready', 'True', 'Provisioned'),
    condition('Available', 'True', 'Provisioned'),
    condition('NamespaceReady', 'True', 'Provisioned'),
    condition('DatabaseReady', 'True', 'Provisioned'),
  ],
}

const secret: Fingerprint = {
  namespace: 'tenant-acme',
  name: bindingSecretName,
  uid: 'uid-secret',
  resourceVersion: '1',
  tenantUid: 'uid-acme',
  tenant: 'home/acme',
  installation: 'main',
  digest: 'of another content',
  deleting: false,
  password: 'digest',
}
const children = { [childId('Secret', bindingSecretName)]: secret }

/** One that was made: what is there is kept, whatever else is in the way. */
const made = { status, claims: begun, namespace: namespaceView(), children } satisfies SnapshotOver

const started: readonly Row[] = [
  [
    'a place, and nothing made yet: names, then namespace and database side by side, then what is in the namespace',
    {},
    {
      told: 'Active, Ready=True Provisioned',
      done: `${claims} > Namespace: EnsureNamespace + Database: EnsureBinding + Database: EnsureRoles + Database: EnsureDatabase, EnsureInside + Database: SetPassword + Content: NetworkPolicy, ResourceQuota`,
    },
  ],
  ['an admin has accepted', { tenant: onAccept, admins: [tenantAdmin()] }, { told: 'Active, Ready=True Provisioned' }],
  [
    'an admin had accepted once, and is deleted',
    { tenant: onAccept, status: { conditions: [condition('AdminAccepted', 'True', 'Accepted')] } },
    { told: 'Active, Ready=True Provisioned' },
  ],
  [
    'it is made, and asks for another server: it goes on where it is',
    { ...made, tenant: { ...bound, ...home({ database: { server: 'other' } }) } },
    { told: 'Active, Ready=False DatabaseServerFixed, Stalled DatabaseServerFixed' },
  ],
  [
    'it is made, and its server is another than that on which it was placed',
    { ...made, tenant: bound, databaseState: { kind: 'Unreachable', another: true } },
    { told: 'Active, Ready=False DatabaseServerNotReady, Reconciling DatabaseServerNotReady' },
  ],
  [
    'it is made, and its server refuses the look at it: a person has to act, and it stays usable',
    { ...made, tenant: bound, databaseState: { kind: 'Unreachable', refusal: 'Permission denied (SQLSTATE 42501).' } },
    { told: 'Active, Ready=False DatabaseRefused, Stalled DatabaseRefused' },
  ],
  [
    'it is made, and its database is not there',
    { ...made, tenant: bound, databaseState: { kind: 'Observed', observed: undefined } },
    { told: 'Active, Ready=False DatabaseMissing, Stalled DatabaseMissing' },
  ],
  [
    'it is made and turned off: logins and workloads go off',
    { ...made, tenant: { ...bound, ...home({ state: 'Deactivated' }) } },
    {
      told: 'Deactivated, Ready=False Suspending, Reconciling Suspending',
      done: 'Namespace: EnsureNamespace + Database: EnsureBinding + Database: EnsureRoles + Database: TerminateSessions, EnsureDatabase, EnsureInside + Database: SetPassword + Content: NetworkPolicy, ResourceQuota, ResourceQuota',
    },
  ],
  [
    'it is made and archived, and its purge is over',
    {
      ...made,
      tenant: { ...bound, ...home({ state: 'Archived' }) },
      status: { ...status, purge: { startedAt: '2029-01-01T00:00:00Z', finishedAt: '2029-01-01T00:00:09Z' } },
    },
    { told: 'Purged, Ready=True Purged', done: '' },
  ],
  [
    'it is deleted before anything was made: its claims go, then the finalizer',
    {
      tenant: { ...bound, deletionTimestamp: '2030-01-01T00:00:00Z' },
      claims: [nameClaim('acme'), nameClaim('acme.example.com')],
      live: {
        deletionCause: undefined,
        namespace: undefined,
        claims: [nameClaim('acme'), nameClaim('acme.example.com')],
      },
    },
    { told: 'let go', done: 'Claims: ReleaseClaim + Claims: ReleaseClaim > Tenant: RemoveFinalizer' },
  ],
  [
    'its namespace is being deleted by somebody',
    { ...made, tenant: bound, namespace: namespaceView({ deleting: true, blockers: ['a finalizer.'] }) },
    { told: 'Provisioning, Ready=False NamespaceTerminating, Reconciling NamespaceTerminating', done: '' },
  ],
  [
    'its MSP is gone: it is left as it is',
    { ...made, tenant: bound, home: { kind: 'Kept', msp: 'home/northwind' } },
    { told: 'Active, Ready=False Misplaced, Stalled Misplaced', done: '' },
  ],
  [
    'the plan that it names is gone, and its revision is not recorded',
    { ...made, tenant: { ...bound, ...home({ plan: 'gold' }) } },
    { told: 'Provisioning, Ready=False PlanNotFound, Reconciling PlanNotFound', done: '' },
  ],
]

function below(parent: Tenant) {
  return { kind: 'Msp' as const, parent, ancestors: [parent] }
}

for (const [sentence, known, expected] of [...notBegun, ...started]) {
  test(`${expected.told}: ${sentence}`, (t) => {
    const decision = decide(snapshot(known), now)
    t.is(told(decision), expected.told)
    if (expected.done !== undefined) t.is(done(decision), expected.done)
  })
}
