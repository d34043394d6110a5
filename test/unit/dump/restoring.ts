/** What pg_restore prints when it stops. */
export const restoring = (entry: string, error: string) =>
  [
    `pg_restore: from TOC entry 7; 0 16390 ${entry}`,
    `pg_restore: error: ${error}`,
    'DETAIL:  Key (holder)=("Erika 4711") already exists.',
    `Command was: ALTER TABLE x ADD CONSTRAINT "c" CHECK ("a" = 'Erika 4711');`,
  ].join('\n')
