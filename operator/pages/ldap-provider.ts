/** An LDAP directory as sign-in takes it: the outcomes in its words, and what failed in the log. */
import { createLdapDirectory } from '../web/ldap/directory.ts'
import type { LdapSettings } from '../web/ldap/settings.ts'
import type { LdapProvider } from '../web/sign-in/providers.ts'
import type { ProviderPorts } from './provider-ports.ts'

export function ldapProvider(
  settings: LdapSettings,
  { clock, log }: Pick<ProviderPorts, 'clock' | 'log'>,
): LdapProvider {
  const { id, name, usernamePrompt } = settings
  const directory = createLdapDirectory(settings, { clock })
  return {
    kind: 'ldap',
    id,
    name,
    usernamePrompt,
    authenticate: async (username, password, signal) => {
      const answer = await directory.authenticate(username, password, signal)
      switch (answer.kind) {
        case 'Accepted':
          if (answer.note !== undefined)
            log.info('a part of a directory entry is left out', { id, detail: answer.note })
          return { kind: 'Accepted', identity: answer.identity }
        case 'Refused':
          log.info('a directory refused a sign-in', { id, reason: answer.reason, detail: answer.detail })
          return { kind: 'Refused', reason: answer.reason }
        case 'Unavailable':
          log.warn('a directory could not decide', { id, reason: answer.reason, detail: answer.detail })
          return { kind: 'Unavailable', reason: answer.reason }
      }
    },
  }
}
