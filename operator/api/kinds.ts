/** All kinds of the API, in the order of the reference. */
import { accessGrantKind } from './accessgrant.ts'
import { databaseServerKind } from './databaseserver.ts'
import { tenantKind } from './tenant.ts'
import { tenantAdminKind } from './tenantadmin.ts'
import { tenantPlanKind } from './tenantplan.ts'

export const kinds = [tenantKind, tenantAdminKind, accessGrantKind, tenantPlanKind, databaseServerKind] as const
