import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { compile } from '../helpers/compile.ts';
import { ROOT } from '../helpers/processes.ts';
import type { Manifest } from './kustomize.ts';
import { nameOf, podOf, render } from './kustomize.ts';

const SERVICES = ['activities-api', 'user-lookup'];
const FOLDERS = ['base', 'overlays/local', 'overlays/production'];
const rendered = new Map(
  FOLDERS.map((folder) => [folder, render(join(ROOT, 'deploy', 'kubernetes', folder))]),
);
const overlays = [...rendered].filter(([folder]) => folder !== 'base');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Validate {
  (data: unknown): boolean;
  readonly errors: readonly { readonly instancePath: string; readonly keyword: string }[] | null;
}

/** The errors of a manifest by the published schema of its kind. */
async function faultsOf(manifest: Manifest): Promise<string[]> {
  const { validate }: { validate: Validate } = await import(
    `kubernetes-models/_schemas/${schemaOf(manifest)}`
  );
  return validate(manifest) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.keyword}`);
}

/** The schema's name in Kubernetes' OpenAPI document: `IoK8sApiAppsV1Deployment`. */
function schemaOf({ apiVersion, kind }: Manifest): string {
  const [version, group = 'core'] = apiVersion.split('/').toReversed();
  const [part] = group.split('.');
  return `IoK8sApi${[part, version].map((word) => word[0].toUpperCase() + word.slice(1)).join('')}${kind}`;
}

const only = (manifests: readonly Manifest[], name: string): Manifest => {
  const found = manifests.filter((manifest) => nameOf(manifest) === name);
  if (found.length !== 1) throw new Error(`${found.length} of ${name}`);
  return found[0];
};

for (const [folder, manifests] of rendered) {
  t.test(`${folder}: every manifest is one by the published schemas`, async (t) => {
    t.ok(manifests.length > 20);
    for (const manifest of manifests) t.strictSame(await faultsOf(manifest), [], nameOf(manifest));
    const names = manifests.map(nameOf);
    t.equal(new Set(names).size, names.length, 'each is there once');
  });
}

t.test('a wrong manifest is refused', async (t) => {
  const deployment = structuredClone(only(rendered.get('base') ?? [], 'Deployment/user-lookup'));
  podOf(deployment).terminationGracePeriodSeconds = '25 s';
  delete podOf(deployment).containers[0].name;
  t.strictSame(await faultsOf(deployment), [
    '/spec/template/spec/containers/0 required',
    '/spec/template/spec/terminationGracePeriodSeconds type',
  ]);
});

t.test('a field that a kind does not have is named', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-kubernetes-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const models = dirname(fileURLToPath(import.meta.resolve('kubernetes-models')));
  const check = (manifests: readonly Manifest[]) => {
    const lines = manifests.map((manifest) => {
      const group = manifest.apiVersion === 'v1' ? 'v1' : manifest.apiVersion;
      const type = `import(${JSON.stringify(`${models}/${group}/${manifest.kind}.js`)}).I${manifest.kind}`;
      return `export const m${Math.random().toString(36).slice(2)}: ${type} = ${JSON.stringify(manifest)};`;
    });
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    return compile(folder, [
      ...['--skipLibCheck', '--strict', '--module', 'esnext', '--moduleResolution', 'bundler'],
      'manifests.ts',
    ]);
  };
  t.equal(await check([...rendered.values()].flat()), '');
  const wrong = structuredClone(only(rendered.get('base') ?? [], 'Deployment/user-lookup'));
  podOf(wrong).containers[0].readinesProbe = {};
  t.match(await check([wrong]), 'readinesProbe');
});

t.test('every pod is restricted, has limits, and writes to volumes only', (t) => {
  for (const [folder, manifests] of rendered) {
    const workloads = manifests.filter((manifest) => podOf(manifest) !== undefined);
    t.ok(workloads.length >= 4);
    for (const workload of workloads) {
      const at = `${folder} ${nameOf(workload)}`;
      const pod = podOf(workload);
      t.match(pod.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, at);
      t.equal(pod.automountServiceAccountToken, false, at);
      const volumes = [...(pod.volumes ?? []), ...(workload.spec.volumeClaimTemplates ?? [])].map(
        (volume) => volume.name ?? volume.metadata.name,
      );
      for (const container of pod.containers) {
        const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext;
        t.strictSame([allowPrivilegeEscalation, readOnlyRootFilesystem], [false, true], at);
        t.strictSame(capabilities.drop, ['ALL'], at);
        for (const amount of ['cpu', 'memory'])
          t.ok(container.resources.requests[amount] && container.resources.limits[amount], `${at} ${amount}`);
        t.ok(container.readinessProbe, at);
        for (const { name } of container.volumeMounts) t.ok(volumes.includes(name), `${at} ${name}`);
        if (folder === 'base') continue;
        const pinned = /tandem\//.test(container.image) ? /:[\w.-]+$/ : /:[\w.-]+@sha256:[0-9a-f]{64}$/;
        t.match(container.image, pinned, `${at} has a version, what others made its digest`);
      }
      t.strictSame(workload.spec.selector.matchLabels, workload.spec.template.metadata.labels, at);
    }
  }
  t.end();
});

t.test("probes ask the services' own routes, and a stop has the time that the process takes", (t) => {
  const code = read('packages/service-kit/src/run-service.ts');
  const exitMs = Number(/EXIT_TIMEOUT_MS = (\d+)/.exec(code)?.[1]);
  t.ok(exitMs > 5000);
  for (const service of SERVICES) {
    const { paths } = JSON.parse(read(`docs/openapi/${service}.json`));
    const pod = podOf(only(rendered.get('base') ?? [], `Deployment/${service}`));
    const [container] = pod.containers;
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
      t.ok(paths[container[probe].httpGet.path]?.get, `${service} ${probe}`);
    t.equal(container.livenessProbe.httpGet.path, '/health/live', 'no database ends a process');
    t.equal(container.readinessProbe.httpGet.path, '/health/ready');
    const stopMs = container.lifecycle.preStop.sleep.seconds * 1000 + exitMs;
    t.ok(pod.terminationGracePeriodSeconds * 1000 > stopMs, `${service}: longer than ${stopMs} ms`);
  }
  t.end();
});

t.test('services scale, and survive a drained node', (t) => {
  for (const [folder, manifests] of rendered) {
    for (const name of SERVICES) {
      const { spec } = only(manifests, `HorizontalPodAutoscaler/${name}`);
      t.equal(only(manifests, `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`).metadata.name, name);
      if (folder !== 'overlays/local') t.ok(spec.minReplicas >= 2, `${folder} ${name}`);
      t.ok(spec.maxReplicas > spec.minReplicas);
    }
    for (const name of [...SERVICES, 'gateway', 'sampler']) {
      const { spec } = only(manifests, `PodDisruptionBudget/${name}`);
      t.strictSame([spec.maxUnavailable, spec.selector.matchLabels['app.kubernetes.io/name']], [1, name]);
    }
    for (const name of ['user-lookup', 'sampler'])
      t.equal(
        only(manifests, `Service/${name}`).spec.clusterIP,
        'None',
        `${name}: callers see every address`,
      );
  }
  t.end();
});

t.test('only activities-api reaches user-lookup, and without a policy nobody reaches anything', (t) => {
  for (const [folder, manifests] of rendered) {
    const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec);
    t.ok(
      policies.some(
        (spec) =>
          Object.keys(spec.podSelector).length === 0 &&
          spec.policyTypes.length === 2 &&
          !spec.ingress &&
          !spec.egress,
      ),
      `${folder}: everything is denied first`,
    );
    const intoLookup = policies.filter(
      (spec) => spec.podSelector.matchLabels?.['app.kubernetes.io/name'] === 'user-lookup' && spec.ingress,
    );
    t.strictSame(
      intoLookup.flatMap(({ ingress }) => ingress),
      [
        {
          from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'activities-api' } } }],
          ports: [{ protocol: 'TCP', port: 'http' }],
        },
      ],
      folder,
    );
    t.ok(
      policies.filter((spec) => spec.ingress).every((spec) => Object.keys(spec.podSelector).length > 0),
      `${folder}: no other policy opens every pod`,
    );
  }
  t.end();
});

t.test('keys, configurations and variables of a pod exist', (t) => {
  const rows = read('docs/reference/settings.md').matchAll(/^\| `([A-Z0-9_]+)`/gm);
  const known = new Set([...rows].map(([, name]) => name));
  for (const [folder, manifests] of overlays) {
    const secret = only(manifests, 'Secret/tandem').stringData;
    t.equal(secret.HONEYCOMB_API_KEY, '', `${folder}: no key`);
    const configuration = only(manifests, 'ConfigMap/collector').data;
    for (const workload of manifests.filter((manifest) => podOf(manifest) !== undefined)) {
      const at = `${folder} ${nameOf(workload)}`;
      for (const { env, args = [] } of podOf(workload).containers) {
        for (const { name, valueFrom } of env) {
          if (valueFrom?.secretKeyRef) t.ok(valueFrom.secretKeyRef.key in secret, `${at} ${name}`);
          if (SERVICES.includes(workload.metadata.name) && valueFrom?.fieldRef === undefined)
            t.ok(known.has(name), `${at} ${name}`);
        }
        for (const [, file = ''] of args.join(' ').matchAll(/--config=\/etc\/collector\/(\S+)/g))
          t.ok(file in configuration, `${at} ${file}`);
      }
    }
  }
  t.end();
});
