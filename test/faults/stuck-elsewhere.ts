/** The reasons that no state of stuck.ts has, each with why, and with where it is shown that it rests. */
const passes = 'It ends with what it tells of; what keeps that from being done has a reason of its own.'
const condition = 'It stands in a condition of its own, and makes nothing Stalled.'

export const elsewhere: Readonly<Record<string, string>> = {
  Provisioning: passes,
  Updating: passes,
  Adopting: passes,
  Renaming: passes,
  Reviving: passes,
  Sending: passes,
  RollingOut: passes,
  Rotating: 'It ends after spec.database.rotation.grace: rotation.test.ts.',
  ResendPostponed: 'It ends at the time that it names: invite.test.ts.',
  InvitePostponed: 'It ends after the pause that it tells of: invite-bounds.test.ts.',
  DatabaseLoginFailed: 'The credentials are set again at once: drift-database.test.ts.',
  NoDefaultPlan: 'As MultipleDefaultPlans, of which the same rule tells: it cannot be both at once.',
  ApiServerUnavailable: 'The pauses are those of the loop: runtime/controller.test.ts.',
  DatabaseRefused: 'The pauses are those of the loop: runtime/controller.test.ts.',
  RelayUnavailable: 'The breaker asks for all: mail.test.ts.',
  DatabaseInUse: 'It is tried in vain within the minute: refused-removal.test.ts.',
  Contested: 'Its writes are counted in contested.test.ts.',
  SubdomainMissing: 'It is refused at admission.',
  StateNotAllowed: 'It is refused at admission, but for what a purge left: lifecycle.test.ts.',
  ServerUnsupported: 'No server as old is at hand: databaseserver/reconciler.test.ts.',
  InviteExpired: 'Nothing is due any more: due-times.test.ts.',
  QuotaIncomplete: condition,
  DatabaseNearlyFull: condition,
  DatabaseOverSize: condition,
  DatabaseReadOnly: condition,
  ConnectionsOvercommitted: condition,
  ConnectionsNotReserved: condition,
  ApplicationLoginFails: condition,
}
