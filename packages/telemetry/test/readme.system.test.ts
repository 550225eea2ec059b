import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';

const README = join(import.meta.dirname, '..', 'README.md');

t.test('the service in the README compiles in strict TypeScript', async (t) => {
  const [, source = ''] = /## In a service\n\n```ts\n(.*?)```/s.exec(readFileSync(README, 'utf8')) ?? [];
  t.match(source, 'fastifyTracing');
  const folder = t.testdir({ 'service.ts': source, 'package.json': '{"type":"module"}' });
  const options =
    '--noEmit --strict --skipLibCheck --allowImportingTsExtensions --module nodenext --types node';
  const { resolve } = createRequire(import.meta.url);
  const tsc = join(resolve('typescript/package.json'), '..', 'bin', 'tsc');
  const args = [tsc, ...options.split(' '), '--target', 'esnext', join(folder, 'service.ts')];
  t.equal(execFileSync(process.execPath, args, { encoding: 'utf8', env: {} }), '');
});
