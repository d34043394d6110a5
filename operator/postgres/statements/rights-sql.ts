/** SQL that finds which rights the operator's account lacks for the roles of a tenant. */

/**
 * One row, of the roles `$1` that are there. From PostgreSQL 16 on a role is changed by who administers it; before, CREATEROLE
 * is enough.
 */
export const missingRightsQuery = `
SELECT json_build_object(
  'account', current_user,
  'attributes', (SELECT array_remove(ARRAY[CASE WHEN NOT rolcreatedb THEN 'CREATEDB' END, CASE WHEN NOT rolcreaterole THEN 'CREATEROLE' END], NULL)
    FROM pg_roles WHERE rolname = current_user AND NOT rolsuper),
  'roles', coalesce((SELECT json_agg(rolname ORDER BY rolname) FROM pg_roles WHERE rolname = ANY ($1)
    AND current_setting('server_version_num')::int >= 160000
    AND NOT pg_has_role(current_user, oid, 'MEMBER WITH ADMIN OPTION')), '[]')
) AS rights`
