/** The fields of a TenantPlan on the network of its tenants. Pure. */
import { z } from 'zod'
import { dnsLabel, names, quantities, rules } from './schema-fields.ts'

export const limit = z.object({
  type: z.enum(['Container', 'Pod', 'PersistentVolumeClaim']).describe('The type of object that the limits apply to.'),
  default: quantities().describe('The limit of a container that sets none.').optional(),
  defaultRequest: quantities().describe('The request of a container that sets none.').optional(),
  min: quantities().describe('The minimum value.').optional(),
  max: quantities().describe('The maximum value.').optional(),
  maxLimitRequestRatio: quantities().describe('The maximum ratio of a limit to its request.').optional(),
})

export const port = z
  .object({
    protocol: z.enum(['TCP', 'UDP', 'SCTP']).describe('The protocol. Default: TCP.').optional(),
    port: z.int().min(1).max(65_535).describe('The port, or the first of a range.'),
    endPort: z.int().min(1).max(65_535).describe('The last port of a range.').optional(),
  })
  .meta({
    description: 'One port, or a range.',
    ...rules({
      rule: '!has(self.endPort) || self.endPort >= self.port',
      message: '{field}.endPort must not be less than {field}.port.',
    }),
  })

function cidr() {
  return z
    .string()
    .max(49)
    .meta(rules({ rule: 'isCIDR(self)', message: '{field} must be an IP block such as 10.0.0.0/8.' }))
}

const egress = z
  .object({
    cidr: cidr().meta({ description: 'An IP block that pods may reach.' }).optional(),
    except: z
      .array(cidr().meta({ description: 'An IP block.' }))
      .max(32)
      .meta({ description: 'IP blocks inside cidr that pods may not reach.', 'x-kubernetes-list-type': 'set' })
      .optional(),
    namespace: dnsLabel().describe('A namespace whose pods the tenant may reach.').optional(),
    ports: z
      .array(port)
      .max(32)
      .meta({ description: 'The ports that pods may reach. Default: all.', 'x-kubernetes-list-type': 'atomic' })
      .optional(),
  })
  .meta({
    description: 'One rule.',
    ...rules(
      { rule: 'has(self.cidr) != has(self.namespace)', message: '{field} must have either cidr or namespace.' },
      { rule: 'has(self.cidr) || !has(self.except)', message: '{field}.except must not be given without cidr.' },
    ),
  })

export const network = z.object({
  mode: z
    .enum(['Isolated'])
    .default('Isolated')
    .describe(
      'Isolated: only the traffic that this field allows; no Service of type LoadBalancer or NodePort, no externalIPs.',
    ),
  ingressNamespaces: names(
    32,
    "Namespaces whose pods may reach the tenant's pods, such as that of an ingress controller.",
    dnsLabel(),
  ).default([]),
  egress: z.array(egress).max(64).default([]).meta({
    description:
      "What the tenant's pods may reach, in addition to their own namespace and the cluster's DNS. Include the address of the database server.",
    'x-kubernetes-list-type': 'atomic',
  }),
})
