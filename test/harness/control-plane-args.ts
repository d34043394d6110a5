import type { ControlPlaneFiles } from './control-plane-files.ts'

/** In memory as far as etcd can: what it holds goes with the test run. */
export function etcdArgs({ folder, etcdUrl, ports }: ControlPlaneFiles): string[] {
  const peerUrl = `http://127.0.0.1:${ports.peer}`
  return [
    `--data-dir=${folder}/etcd`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--log-level=warn',
  ]
}

export function apiServerArgs(files: ControlPlaneFiles): string[] {
  const audit = [
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.auditLog}`,
    // In one file: whoever reads on from where it was would miss what is in another.
    '--audit-log-maxsize=4000',
  ]
  return [
    `--etcd-servers=${files.etcdUrl}`,
    // Compaction is the tests' to do (Etcd.compact).
    '--etcd-compaction-interval=0',
    `--secure-port=${files.ports.api}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${files.servingCertificate}`,
    `--tls-private-key-file=${files.servingKey}`,
    `--token-auth-file=${files.tokenFile}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    '--allow-privileged=true',
    '--profiling=false',
    '--shutdown-delay-duration=0',
    ...(files.auditLog === undefined ? [] : [...audit, '--audit-log-mode=blocking', '--audit-log-format=json']),
  ]
}

/** The controllers that our objects need: those of namespaces, accounts, quotas, owners and workloads. */
const controllers = [
  'namespace-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'garbage-collector-controller',
  'resourcequota-controller',
  'clusterrole-aggregation-controller',
  'validatingadmissionpolicy-status-controller',
  // Ends a pod without a node whose deletion was begun by a request that broke off.
  'pod-garbage-collector-controller',
  'replicaset-controller',
  'deployment-controller',
  'statefulset-controller',
  'daemonset-controller',
  'replicationcontroller-controller',
  'disruption-controller',
  'job-controller',
  'cronjob-controller',
]

export function controllerManagerArgs(files: ControlPlaneFiles): string[] {
  return [
    `--kubeconfig=${files.managerKubeconfig}`,
    `--controllers=${controllers.join(',')}`,
    // As in a real cluster: each controller asks as its own ServiceAccount, with its own rights, and is told apart.
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.caPath}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${files.ports.manager}`,
    `--tls-cert-file=${files.servingCertificate}`,
    `--tls-private-key-file=${files.servingKey}`,
    '--profiling=false',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ]
}
