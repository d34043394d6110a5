import test from 'ava'
import { quotedIn, withoutData } from '../../../operator/dump/cause.ts'
import { restoring } from './restoring.ts'

const names = new Set(['cards', 'cards_fit', 'public', 'amount'])

test('what is quoted is asked for as a name, whole and in its parts, from first lines only', (t) => {
  const stderr = restoring('x t_x', 'ERROR:  relation "public.cards" does not exist')
  t.deepEqual(quotedIn(stderr), ['public.cards', 'public', 'cards'])
})

test('a quoted text is kept where it is a name, or made of names', (t) => {
  t.is(withoutData(`"cards" "public.amount" "public.4711" 'x'`, names), `"cards" "public.amount" "…" '…'`)
})
