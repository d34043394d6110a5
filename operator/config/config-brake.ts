/** The settings of the deletion brake. Pure. */
import { z } from 'zod'

import { count, duration } from './config-fields.ts'
import type { DeletionBrakeSettings } from '../tenant/model/settings.ts'

export const brakeEnvironment = {
  TENANTRY_DELETION_BRAKE_INSTALLATION: count(0, 1000).default(5),
  TENANTRY_DELETION_BRAKE_MSP: count(0, 1000).default(3),
  TENANTRY_DELETION_BRAKE_WINDOW: duration.default(600_000),
  TENANTRY_DELETION_BRAKE_RELEASE_AFTER: duration.optional(),
}

const whole = z.object(brakeEnvironment)

export function brakeConfig(env: z.output<typeof whole>): DeletionBrakeSettings {
  return {
    installation: env.TENANTRY_DELETION_BRAKE_INSTALLATION,
    msp: env.TENANTRY_DELETION_BRAKE_MSP,
    window: env.TENANTRY_DELETION_BRAKE_WINDOW,
    releaseAfter: env.TENANTRY_DELETION_BRAKE_RELEASE_AFTER,
  }
}
