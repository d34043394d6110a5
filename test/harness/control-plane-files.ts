import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { auditPolicy } from './audit-log.ts'
import { createAuthority } from './certificate.ts'
import { writeKubeconfig } from './kubeconfig.ts'

export interface ControlPlanePlan {
  readonly folder: string
  readonly ports: { readonly api: number; readonly manager: number; readonly etcd: number; readonly peer: number }
  readonly tokens: { readonly admin: string; readonly manager: string }
  readonly audit: boolean
}

/** A plan with all the files it needs laid down in its folder. */
export interface ControlPlaneFiles extends ControlPlanePlan {
  readonly server: string
  readonly etcdUrl: string
  /** PEM */
  readonly ca: string
  readonly caPath: string
  readonly servingCertificate: string
  readonly servingKey: string
  readonly serviceAccountKey: string
  readonly serviceAccountPublicKey: string
  readonly tokenFile: string
  readonly adminKubeconfig: string
  readonly managerKubeconfig: string
  readonly auditPolicy: string
  /** undefined: no audit log is written. */
  readonly auditLog: string | undefined
}

/** Writes keys, certificates, tokens, kubeconfigs and the audit policy, readable by this user only. */
export async function layControlPlane(plan: ControlPlanePlan): Promise<ControlPlaneFiles> {
  const { folder, ports, tokens } = plan
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const put = async (name: string, content: string): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  const authority = createAuthority('Tenantry test control plane')
  const ca = authority.certificate
  const serving = authority.issue('kube-apiserver', ['localhost', '127.0.0.1', '10.0.0.1', 'kubernetes.default.svc'])
  const account = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const server = `https://127.0.0.1:${ports.api}`
  const audit = await put('audit.log', '')
  return {
    ...plan,
    server,
    etcdUrl: `http://127.0.0.1:${ports.etcd}`,
    ca,
    caPath: await put('ca.crt', ca),
    servingCertificate: await put('server.crt', serving.certificate),
    servingKey: await put('server.key', serving.key),
    serviceAccountKey: await put('sa.key', account.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    serviceAccountPublicKey: await put('sa.pub', account.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    tokenFile: await put('tokens.csv', tokenFile(tokens)),
    adminKubeconfig: await writeKubeconfig(join(folder, 'admin.kubeconfig'), { server, ca, token: tokens.admin }),
    managerKubeconfig: await writeKubeconfig(join(folder, 'manager.kubeconfig'), { server, ca, token: tokens.manager }),
    auditPolicy: await put('audit-policy.json', JSON.stringify(auditPolicy)),
    auditLog: plan.audit ? audit : undefined,
  }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file */
function tokenFile(tokens: ControlPlanePlan['tokens']): string {
  return [
    `${tokens.admin},admin,admin,"system:masters"`,
    `${tokens.manager},system:kube-controller-manager,system:kube-controller-manager`,
    '',
  ].join('\n')
}
