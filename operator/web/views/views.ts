/** The pages: handlebars templates, with everything escaped, in one layout. Read once, at start. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import Handlebars from 'handlebars'
import type { FieldName } from '../accept/form.ts'
import { signInTitles } from './sign-in-pages.ts'
import type { SignInPages } from './sign-in-pages.ts'

export interface InvitePage {
  readonly tenantName: string
  readonly inviterName: string
  readonly recipientName: string
  readonly email: string
  readonly username: string
  readonly role: string
  readonly expiresAt: string
  readonly consentText: string | undefined
  readonly consentDigest: string | undefined
  readonly asksPassword: boolean
  readonly asksConfirmation: boolean
  readonly shortestPassword: number
  readonly key: string
  readonly nonce: string
  readonly consented: boolean
  readonly errors: Readonly<Record<FieldName, string | undefined>>
  readonly errorCount: number
}

export interface DonePage {
  readonly tenantName: string
  readonly username: string
  /** Absent while the tenant is being made. */
  readonly url: string | undefined
  readonly ready: boolean
  /** The tenant's progress has stopped and a person has to act. */
  readonly stalled: boolean
  /** Seconds. */
  readonly refresh: number | undefined
}

/** The data of each page. */
export interface Pages extends SignInPages {
  readonly invite: InvitePage
  readonly done: DonePage
  readonly dead: object
  readonly 'not-found': object
  readonly forbidden: object
  readonly 'too-many': object
  readonly error: { readonly reference: string; readonly temporary: boolean }
}

const titles: Readonly<Record<keyof Pages, string>> = {
  invite: 'Your invitation',
  done: 'Invitation accepted',
  dead: 'This link does not work',
  'not-found': 'Page not found',
  forbidden: 'Please open the link again',
  'too-many': 'Too many requests',
  error: 'Something went wrong',
  ...signInTitles,
}

export interface Views {
  readonly stylesheet: { readonly path: string; readonly content: string }
  render<Page extends keyof Pages>(page: Page, given: Pages[Page]): string
}

/** The parts of the stylesheet, in the order of the cascade. */
const styles = ['colors', 'page', 'text', 'form', 'progress', 'signed-in', 'phone']

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')

export function loadViews(productName: string): Views {
  const handlebars = Handlebars.create()
  const content = styles.map((name) => read(`./${name}.css`)).join('\n')
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16)
  const path = `/assets/style-${digest}.css`
  const compile = (name: string) => handlebars.compile(read(`./${name}.hbs`), { strict: true })
  const layout = compile('layout')
  const bodies = Object.fromEntries(Object.keys(titles).map((name) => [name, compile(name)]))
  return {
    stylesheet: { path, content },
    render: (page, given) => {
      const refresh = 'refresh' in given ? given.refresh : undefined
      const bar = 'bar' in given ? given.bar : undefined
      const section = page in signInTitles ? undefined : 'Invitations'
      const body = bodies[page]?.({ productName, ...given }) ?? ''
      return layout({
        title: titles[page],
        productName,
        stylesheet: path,
        refresh,
        bar,
        section,
        wide: 'wide' in given,
        body,
      })
    },
  }
}
