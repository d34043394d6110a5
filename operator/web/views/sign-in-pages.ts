/** The data of the pages of people who sign in or are signed in. */

/** On every page of a person who is signed in. */
export interface Bar {
  readonly name: string
  /** The key of the session's forms. */
  readonly key: string
  /** Nothing but the change of the password is open. */
  readonly restricted: boolean
}

export interface SignInPage {
  /** What happened to the last attempt. */
  readonly problem: string | undefined
  readonly key: string
  readonly returnTo: string
  /** The form that is shown; undefined where people sign in by the links only. */
  readonly form: SignInForm | undefined
  /** Whether there is more than one way. */
  readonly choice: boolean
  /** The ways that begin at another site. */
  readonly links: readonly SignInLink[]
  /** The other forms. */
  readonly others: readonly SignInLink[]
}

export interface SignInForm {
  readonly action: string
  readonly title: string
  /** Whether this is a password of Tenantry's. */
  readonly local: boolean
  readonly field: string
  readonly label: string
  readonly value: string
}

export interface SignInLink {
  readonly name: string
  readonly href: string
}

export interface PasswordPage {
  readonly bar: Bar
  readonly mustChange: boolean
  /** Why it must be changed differs: others know the root admin's password from its Secret. */
  readonly root: boolean
  readonly account: string
  readonly shortestPassword: number
  readonly errors: Readonly<Record<'current' | 'password' | 'passwordAgain', string | undefined>>
  readonly problem: string | undefined
}

export interface AccountPage {
  readonly bar: Bar
  readonly notice: string | undefined
  readonly name: string | undefined
  readonly email: string | undefined
  readonly user: string
  readonly provider: string
  readonly root: boolean
  readonly canChangePassword: boolean
  readonly sessions: readonly SessionRow[]
}

export interface SessionRow {
  readonly name: string
  readonly since: string
  readonly lastSeen: string
  readonly current: boolean
}

export interface PortalPage {
  readonly bar: Bar
  readonly wide: true
  readonly root: boolean
  readonly entrances: readonly EntranceCard[]
  /** How many more there are than are shown. */
  readonly more: number
}

export interface EntranceCard {
  readonly name: string
  readonly initial: string
  readonly cloudId: string | undefined
  /** Undefined while the tenant cannot be used. */
  readonly url: string | undefined
  readonly host: string | undefined
  /** Why it cannot be used. */
  readonly state: string | undefined
  readonly way: string
  readonly until: string | undefined
}

export interface RefusedPage {
  /** What the directory called the person. */
  readonly account: string
  readonly provider: string
  readonly noEmail: boolean
}

export interface SignedOutPage {
  readonly everywhere: boolean
  /** The session at the provider that goes on. */
  readonly provider: SignInLink | undefined
}

export interface SignInPages {
  readonly 'sign-in': SignInPage
  readonly 'change-password': PasswordPage
  readonly account: AccountPage
  readonly portal: PortalPage
  readonly refused: RefusedPage
  readonly 'signed-out': SignedOutPage
  readonly 'stale-form': { readonly bar: Bar }
}

export const signInTitles: Readonly<Record<keyof SignInPages, string>> = {
  'sign-in': 'Sign in',
  'change-password': 'Change your password',
  account: 'Your account',
  portal: 'Your tenants',
  refused: 'No access',
  'signed-out': 'Signed out',
  'stale-form': 'Please try again',
}
