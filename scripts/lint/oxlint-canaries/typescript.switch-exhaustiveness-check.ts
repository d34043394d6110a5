export function speak(state: 'Active' | 'Archived'): string {
  let words = ''
  switch (state) {
    case 'Active':
      words = 'in use'
  }
  return words
}
