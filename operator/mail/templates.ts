/**
 * Reads the mail templates: the built-in ones, each replaced by a file of the same name where the installation's directory
 * has one. A template with an unknown variable or broken syntax is refused at start, not when an invite is due.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Handlebars from 'handlebars'
import type { InviteTemplates, InviteVariables, Template } from './message.ts'

const builtIn = fileURLToPath(new URL('./templates', import.meta.url))

/** The files that a directory of own templates may hold. */
export const templateFiles = {
  subject: 'invite.subject.hbs',
  html: 'invite.html.hbs',
  text: 'invite.text.hbs',
} as const

/** @throws Error naming the file, when one cannot be read, parsed or filled in. */
export function loadInviteTemplates(directory?: string): InviteTemplates {
  return {
    subject: load(directory, templateFiles.subject, false),
    html: load(directory, templateFiles.html, true),
    text: load(directory, templateFiles.text, false),
  }
}

function load(directory: string | undefined, file: string, escapes: boolean): Template {
  const own = directory === undefined ? undefined : join(directory, file)
  const path = own !== undefined && existsSync(own) ? own : join(builtIn, file)
  // An instance of its own: no helper or partial of anyone else's is reachable from a template.
  const handlebars = Handlebars.create()
  try {
    const compiled = handlebars.compile<InviteVariables>(readFileSync(path, 'utf8'), {
      strict: true,
      noEscape: !escapes,
      knownHelpersOnly: true,
    })
    const template: Template = (variables) => compiled(variables)
    template(sample())
    return template
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`The mail template ${path} cannot be used: ${why}`, { cause: error })
  }
}

function sample(): InviteVariables {
  const word = 'word'
  return {
    recipientName: word,
    username: word,
    tenantName: word,
    inviterName: word,
    productName: word,
    role: word,
    acceptUrl: word,
    expiresOn: word,
    expiresAt: word,
    email: word,
  }
}
