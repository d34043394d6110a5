/** The settings of the cluster's DNS, which every tenant's pods may query. Pure. */
import { z } from 'zod'

import { words } from './config-fields.ts'
import type { DnsSettings } from '../tenant/model/settings.ts'

const block = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
const isBlock = (text: string) => block.safeParse(text).success

/** An address alone is a block of one. */
function asBlock(text: string): string {
  if (text.includes('/')) return text
  return `${text}/${text.includes(':') ? 128 : 32}`
}

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535

export const dnsEnvironment = {
  TENANTRY_DNS_NAMESPACES: words.default(['kube-system']),
  TENANTRY_DNS_ADDRESSES: words
    .refine(
      (list) => list.every(isBlock),
      'is not a list of IP addresses or blocks such as 169.254.20.10,10.96.0.10/32',
    )
    .default([]),
  TENANTRY_DNS_PORTS: words.refine((list) => list.every(isPort), 'is not a list of port numbers').default(['53']),
}

const whole = z.object(dnsEnvironment)

export function dnsConfig(env: z.output<typeof whole>): DnsSettings {
  return {
    namespaces: env.TENANTRY_DNS_NAMESPACES,
    addresses: env.TENANTRY_DNS_ADDRESSES.map(asBlock),
    ports: env.TENANTRY_DNS_PORTS.map(Number),
  }
}
