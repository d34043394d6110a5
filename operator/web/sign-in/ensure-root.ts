/** Makes the root admin's Secret where it is missing. Deleting it is the way to a new initial password. */
import { rootSecretName } from '../../api/names.ts'
import { createUnlessThere } from '../../kube/create-unless-there.ts'
import { secrets } from '../../kube/resources.ts'
import { timestamp } from '../../runtime/base/clock.ts'
import { hashPassword } from '../../tenantadmin/invite/password.ts'
import { localRoot } from '../identity/root.ts'
import { localProvider } from './local-sign-in.ts'
import type { SignInPorts } from './ports.ts'
import { initialPassword, rootPasswordOf, rootSecret, unhashedRootPassword } from './root-secret.ts'
import type { SignInSettings } from './settings.ts'

type Ports = Pick<SignInPorts, 'kube' | 'store' | 'clock' | 'random' | 'log' | 'audit'>

/**
 * To be called at the start, and when the Secret has changed or was deleted. The sessions of the root admin end with the
 * Secret; this removes them too. @throws KubeError
 */
export async function ensureRoot(ports: Ports, settings: SignInSettings): Promise<void> {
  const { root, webNamespace } = settings
  if (root?.signIn.kind !== 'Local') return
  const live = await ports.kube.get(secrets, { namespace: webNamespace, name: rootSecretName })
  if (rootPasswordOf(live) !== undefined) return
  const given = live && unhashedRootPassword(live)
  if (live !== undefined && given === undefined) {
    ports.log.error('the Secret of the root admin is not as it should be; delete it for a new password', {
      name: `${webNamespace}/${rootSecretName}`,
    })
    return
  }
  const initial = given ?? initialPassword(ports.random.bytes(20))
  const hash = await hashPassword(initial, ports.random)
  const secret = rootSecret({ hash, initial, mustChange: true }, timestamp(ports.clock.now()), live, settings)
  if (live !== undefined) await ports.kube.replace(secrets, secret)
  else if ((await createUnlessThere(ports.kube, secrets, secret)) === undefined) return
  const { provider, subject } = localRoot(root)
  await ports.store.closeAll({ provider, subject })
  ports.log.warn('the root admin has a new initial password', { name: `${webNamespace}/${rootSecretName}` })
  ports.audit({ type: 'RootPasswordMade', at: timestamp(ports.clock.now()), provider: localProvider })
}
