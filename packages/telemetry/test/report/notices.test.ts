import t from 'tap';
import { findDoubleTracing } from '../../src/report/notices.ts';

const find = (...directories: string[]) =>
  findDoubleTracing(directories.map((directory) => `${directory}/index.js`));

t.test('nothing to say of what is loaded once', async (t) => {
  t.strictSame(find('/a/node_modules/@opentelemetry/api', '/a/node_modules/@opentelemetry/core'), []);
  t.strictSame(findDoubleTracing(), [], 'nor of this process');
});

t.test('a package is known by the last node_modules in its path, on Windows too', async (t) => {
  t.match(find('/app/node_modules/.pnpm/dd-trace@5/node_modules/dd-trace'), [/^dd-trace is loaded too/]);
  t.match(find('C:\\app\\node_modules\\@fastify\\otel'), [/^@fastify\/otel is loaded too/]);
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
