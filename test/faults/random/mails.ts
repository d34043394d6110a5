/** I3 over lives that come and go: every mail was announced in a status, each goes out once. Pure. */
import type { CaughtMail } from '../../harness/mail-message.ts'
import type { Memory } from './memory.ts'

export function mailProblems(mails: readonly CaughtMail[], { messages, disturbances }: Memory): readonly string[] {
  const byId = Map.groupBy(mails, ({ messageId }) => messageId)
  const repeated = mails.length - byId.size
  return [
    ...[...byId.values()].flatMap((same) => {
      const { messageId, to } = same[0] ?? { messageId: '', to: [] }
      const differ = new Set(same.map(({ links }) => links.join(' '))).size > 1
      return [
        ...(messages.has(messageId) ? [] : [`No status tells of the mail ${messageId} to ${to.join(', ')}.`]),
        ...(differ ? [`The mails with the Message-ID ${messageId} have different links.`] : []),
      ]
    }),
    ...(repeated > disturbances ? [`${repeated} mails were repeated, after ${disturbances} crashes.`] : []),
  ]
}
