/**
 * Reads the mail templates: the built-in ones, each replaced by a file of the same name where the installation's
 * directory has one. A template with an unknown variable or broken syntax is refused at start, not when an invite is
 * due.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Handlebars from 'handlebars'
import { expiryVariables } from './expiry-message.ts'
import type { ExpiryTemplates, ExpiryVariables } from './expiry-message.ts'
import { inviteVariables } from './message.ts'
import type { InviteTemplates, InviteVariables, Template } from './message.ts'

const builtIn = fileURLToPath(new URL('./templates', import.meta.url))

/** The templates of every mail that the operator sends. */
export interface MailTemplates {
  readonly invite: InviteTemplates
  readonly expiry: ExpiryTemplates
}

/**
 * A directory of custom templates may hold `<mail>.subject.hbs`, `<mail>.html.hbs` and `<mail>.text.hbs`.
 * @throws Error naming the file, when one cannot be read, parsed or filled in.
 */
export function loadTemplates(directory?: string): MailTemplates {
  return {
    invite: {
      subject: load<InviteVariables>(directory, 'invite.subject.hbs', inviteVariables),
      html: load<InviteVariables>(directory, 'invite.html.hbs', inviteVariables),
      text: load<InviteVariables>(directory, 'invite.text.hbs', inviteVariables),
    },
    expiry: {
      subject: load<ExpiryVariables>(directory, 'expiry.subject.hbs', expiryVariables),
      html: load<ExpiryVariables>(directory, 'expiry.html.hbs', expiryVariables),
      text: load<ExpiryVariables>(directory, 'expiry.text.hbs', expiryVariables),
    },
  }
}

/** `sample`: a text for each variable; the template is rendered with it once, to see that it can be. */
function load<V>(directory: string | undefined, file: string, sample: V): Template<V> {
  const own = directory === undefined ? undefined : join(directory, file)
  const path = own !== undefined && existsSync(own) ? own : join(builtIn, file)
  // A separate instance: a template reaches no foreign helper or partial.
  const handlebars = Handlebars.create()
  try {
    const compiled = handlebars.compile<V>(readFileSync(path, 'utf8'), {
      strict: true,
      noEscape: !file.endsWith('.html.hbs'),
      knownHelpersOnly: true,
    })
    const template: Template<V> = (variables) => compiled(variables)
    template(sample)
    return template
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`The mail template ${path} cannot be used: ${why}`, { cause: error })
  }
}
