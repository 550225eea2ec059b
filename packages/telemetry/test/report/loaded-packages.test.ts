import t from 'tap';
import { loadedPackages } from '../../src/report/loaded-packages.ts';

t.test('packages by name, each with the directories that it was loaded from', async (t) => {
  const loaded = loadedPackages([
    '/app/src/main.js',
    '/app/node_modules/.pnpm/fastify@5.0.0/node_modules/fastify/fastify.js',
    '/app/node_modules/.pnpm/fastify@5.0.0/node_modules/fastify/lib/route.js',
    '/app/node_modules/@opentelemetry/api/build/src/index.js',
    '/app/node_modules/old/node_modules/@opentelemetry/api/build/src/index.js',
    'C:\\app\\node_modules\\@opentelemetry\\core\\build\\index.js',
  ]);
  t.strictSame(
    [...loaded].map(([name, directories]) => [name, [...directories]]),
    [
      ['fastify', ['/app/node_modules/.pnpm/fastify@5.0.0/node_modules/fastify']],
      [
        '@opentelemetry/api',
        ['/app/node_modules/@opentelemetry/api', '/app/node_modules/old/node_modules/@opentelemetry/api'],
      ],
      ['@opentelemetry/core', ['C:\\app\\node_modules\\@opentelemetry\\core']],
    ],
  );
});

t.test('sees what was loaded by import, too', async (t) => {
  await import('fastify');
  await import('@opentelemetry/api');
  const loaded = loadedPackages();
  t.equal(loaded.get('fastify')?.size, 1);
  t.equal(loaded.get('@opentelemetry/api')?.size, 1);
});
