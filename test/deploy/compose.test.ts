import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { ROOT } from '../helpers/processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
/** `!override` replaces what docker-compose.yml has; the reader here takes the value behind it. */
const customTags = [
  { tag: '!override', collection: 'seq' as const, resolve: (value: { toJSON(): unknown }) => value },
];
const base = parse(read('docker-compose.yml'), { merge: true });
const scale = parse(read('deploy/compose/scale.yml'), { merge: true, customTags });
const pinned = parse(read('deploy/compose/pinned.yml'), { merge: true });
const tiers = parse(read('deploy/compose/collector.yml'), { merge: true });

interface Service {
  readonly build?: unknown;
  readonly image?: string;
}

t.test('scaled services share neither a host port nor a volume', (t) => {
  t.ok(base.services['activities-api'].ports.length > 0, 'which would be in the way of a second replica');
  t.match(read('deploy/compose/scale.yml'), /activities-api:\n {4}ports: !override \[\]\n/);
  for (const service of ['activities-api', 'user-lookup'])
    t.match(
      read('deploy/compose/scale.yml'),
      new RegExp(`${service}:\\n(?: {4}.*\\n)* {4}volumes: !override\\n {6}- /data\\n`),
    );
  t.strictSame(scale.services.balancer.ports, ['127.0.0.1:4567:8080'], 'nginx has it, on this machine only');
  t.end();
});

t.test('added containers are pinned, read-only and limited, as the services are', (t) => {
  const { balancer } = scale.services;
  const { agent, gateway, sampler } = tiers.services;
  for (const service of [balancer, agent, gateway, sampler]) {
    t.match(service.image, /:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/);
    t.match(service, { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    for (const limit of ['mem_limit', 'pids_limit', 'logging']) t.ok(service[limit], limit);
  }
  t.end();
});

t.test(
  'images of others have a digest, and Node follows the tag of the Dockerfile, so that a build has its fixes',
  (t) => {
    const [, node] = /^ARG NODE_IMAGE=(\S+)$/m.exec(read('Dockerfile')) ?? [];
    t.match(node, /^node:\d+-[a-z]+-slim$/);
    t.notMatch(read('Dockerfile'), /^FROM [a-z]+:/m, 'all stages are made of it');
    const byDigest = /^[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$/;
    for (const [name, { build, image }] of Object.entries<Service>(base.services)) {
      const { build: pinnedBuild, image: pinnedImage } = pinned.services[name] ?? {};
      if (build !== undefined) t.equal(pinnedBuild, undefined, name);
      else if (image !== undefined) {
        t.match(pinnedImage, byDigest, name);
        t.ok(pinnedImage.startsWith(`${image}@`), `${name}: the same version`);
      }
    }
    t.end();
  },
);

t.test('nginx changes no header of tracing, and sends no POST twice', (t) => {
  const template = read('deploy/compose/nginx.conf.template');
  const set = [...template.matchAll(/proxy_(?:set|hide|ignore)_headers? (\S+)/g)].map(([, name]) => name);
  t.strictSame(set, ['Host', 'Connection', 'X-Forwarded-For', 'X-Forwarded-Proto']);
  t.match(template, /^ +proxy_next_upstream error timeout http_503;$/m);
  t.notMatch(template, 'non_idempotent');
  for (const [, variable = ''] of template.matchAll(/\$\{([A-Z_]+)\}/g))
    t.ok(
      variable in scale.services.balancer.environment || variable === 'NGINX_LOCAL_RESOLVERS',
      `${variable} is put in`,
    );
  t.equal(scale.services.balancer.environment.NGINX_ENTRYPOINT_LOCAL_RESOLVERS, '1');
  t.end();
});

t.test(
  'the profile of the Collector: its tiers come with it alone, and the services follow a variable to them',
  (t) => {
    for (const tier of ['agent', 'gateway', 'sampler'])
      t.strictSame(base.services[tier], {
        extends: { file: 'deploy/compose/collector.yml', service: tier },
        profiles: ['collector'],
      });
    const [mount = ''] = tiers.services.agent.volumes;
    t.ok(
      existsSync(join(ROOT, 'deploy/compose', mount.split(':')[0], 'agent.yaml')),
      'paths begin at the file',
    );
    for (const service of ['activities-api', 'user-lookup'])
      t.equal(
        base.services[service].environment.OTEL_EXPORTER_OTLP_ENDPOINT,
        `\${OTEL_EXPORTER_OTLP_ENDPOINT:-http://explorer:4318}`,
      );
    t.end();
  },
);

t.test('only the sampler gets the key', (t) => {
  const key = `\${COLLECTOR_HONEYCOMB_API_KEY:-}`;
  t.equal(tiers.services.sampler.environment.HONEYCOMB_API_KEY, key);
  for (const service of ['activities-api', 'user-lookup'])
    t.notMatch(JSON.stringify(base.services[service]), 'COLLECTOR_HONEYCOMB_API_KEY');
  t.end();
});
