import t from 'tap';
import { findDoubleTracing } from '../../src/report/double-tracing.ts';
import { loadedPackages } from '../../src/report/loaded-packages.ts';

const find = (...directories: string[]) =>
  findDoubleTracing(loadedPackages(directories.map((directory) => `${directory}/index.js`)));

t.test('nothing to say of what is loaded once', async (t) => {
  t.strictSame(find('/a/node_modules/@opentelemetry/api', '/a/node_modules/@opentelemetry/core'), []);
  t.strictSame(findDoubleTracing(), [], 'nor of this process');
});

t.test('two copies of the api are named with their places and the way out', async (t) => {
  const name = '@opentelemetry/api';
  const [warning, ...others] = find(`/a/node_modules/${name}`, `/a/node_modules/x/node_modules/${name}`);
  t.strictSame(others, []);
  t.match(
    warning,
    `2 copies of ${name} are loaded, and a newer one sees nothing of what an older one registers`,
  );
  t.match(warning, `pnpm why -r ${name}`);
  t.match(warning, `/a/node_modules/${name} and /a/node_modules/x/node_modules/${name}.`);
});

t.test('copies of the core share their keys: nothing to say', async (t) => {
  const name = '@opentelemetry/core';
  t.strictSame(find(`/a/node_modules/${name}`, `/a/node_modules/x/node_modules/${name}`), []);
});

t.test('a second copy of an instrumentation makes each span a second time', async (t) => {
  const name = '@opentelemetry/instrumentation-undici';
  t.match(find(`/a/node_modules/${name}`, `/b/node_modules/${name}`), [
    /^2 copies of .*instrumentation-undici are loaded, and each makes a span of the same thing: install one/,
  ]);
  t.strictSame(find(`/a/node_modules/${name}`), []);
});

t.test('tracers of the same requests are named, each in one line', async (t) => {
  for (const name of ['@opentelemetry/instrumentation-http', '@fastify/otel', 'dd-trace', 'newrelic']) {
    const warnings = find(`/a/node_modules/${name}`, '/a/node_modules/fastify');
    t.equal(warnings.length, 1);
    t.match(warnings[0], new RegExp(`^${name} is loaded too, so requests .*: leave it out, or leave`));
    t.notMatch(warnings[0], '\n');
  }
  t.strictSame(
    find('/a/node_modules/@opentelemetry/instrumentation-http'),
    [],
    'with Express it is the only one',
  );
  const auto = ['auto-instrumentations-node', 'instrumentation-http'].map(
    (name) => `/a/node_modules/@opentelemetry/${name}`,
  );
  t.match(find(...auto), [/^@opentelemetry\/auto-instrumentations-node is loaded too/]);
});
