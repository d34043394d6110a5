/** The settings of deletions, for Tenants whose plan does not say. Pure. */
import { z } from 'zod'

import { duration, flag } from './config-fields.ts'
import type { DeletionSettings } from '../tenant/model/settings.ts'

export const deletionEnvironment = {
  TENANTRY_DELETION_GRACE: duration.default(0),
  TENANTRY_DELETION_FINAL_DUMP: flag.default(false),
}

const whole = z.object(deletionEnvironment)

export function deletionConfig(env: z.output<typeof whole>): DeletionSettings {
  return { grace: env.TENANTRY_DELETION_GRACE, finalDump: env.TENANTRY_DELETION_FINAL_DUMP }
}
