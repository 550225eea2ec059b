import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { copyWorkspace, typeErrors } from '../../../../test/helpers/copied-workspace.ts';

// A feature is a folder, a line of the list, and its rows. The workspace is compiled twice: minutes on a busy machine.
t.setTimeout(30 * 60_000);
const copy = t.testdir();
copyWorkspace(copy);
const src = join(copy, 'packages/telemetry/src');
const test = join(copy, 'packages/telemetry/test');

/** Changes a text of the copy. @throws Error where there is nothing to change */
function change(path: string, from: RegExp | string, to: string): void {
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${path} has no ${from}`);
  writeFileSync(path, after);
}

/** Runs a program of the copy. @returns what it printed */
async function run(...args: string[]): Promise<string> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const options = { cwd: copy, env: { PATH, NODE_COMPILE_CACHE } };
  const ran = promisify(execFile)(process.execPath, args, options);
  return (await ran.catch((error: { stdout: string; stderr: string }) => error)).stdout;
}

t.test('the feature of ARCHITECTURE.md is a folder and a line: its attribute is on each span', async (t) => {
  const text = readFileSync(join(copy, 'ARCHITECTURE.md'), 'utf8');
  const [, file = '', code = ''] = /^`(features\/[^`]+)`[^\n]*\n\n```ts\n([\s\S]*?)^```$/m.exec(text) ?? [];
  const [, name = ''] = /^export const (\w+)/m.exec(code) ?? [];
  mkdirSync(dirname(join(src, file)), { recursive: true });
  writeFileSync(join(src, file), code);
  const list = join(src, 'features.ts');
  change(list, '];\n', `, ${name}];\n`);
  change(list, /^/, `import { ${name} } from './${file}';\n`);
  const budgets = join(copy, 'scripts/budgets.json');
  change(budgets, '      "features.ts",\n', `      "${dirname(file)}",\n      "features.ts",\n`);
  writeFileSync(
    join(test, 'made-up.ts'),
    `import { withSpan } from '../src/index.ts';
import { createTestTelemetry } from '../src/service/testing/index.ts';
const telemetry = createTestTelemetry();
withSpan('work', {}, () => {});
console.log(JSON.stringify(telemetry.spans().map(({ attributes }) => attributes)));
await telemetry.shutdown();
`,
  );
  t.match(await run(join(test, 'made-up.ts')), '"app.greeting":"hello"');
  t.equal(await typeErrors(copy), '');
  t.equal(await run('scripts/budgets.ts'), '');
  for (const path of [dirname(join(src, file)), join(test, 'made-up.ts')]) rmSync(path, { recursive: true });
  change(list, `import { ${name} } from './${file}';\n`, '');
  change(list, `, ${name}]`, ']');
  change(budgets, `      "${dirname(file)}",\n`, '');
});

t.test('without waits and its line all else has its types, its order and its spans', async (t) => {
  for (const folder of [src, test]) rmSync(join(folder, 'features/waits'), { recursive: true });
  change(join(src, 'features.ts'), "import { waits } from './features/waits/feature.ts';\n", '');
  change(join(src, 'features.ts'), 'waits, ', '');
  // TRACE_WAITS stays: it switches pools on, too.
  const budgets = join(copy, 'scripts/budgets.json');
  change(budgets, '      "features/waits",\n', '');
  change(budgets, /\n {6}"features\/waits": .*/, '');
  t.equal(await typeErrors(copy), '');
  t.equal(await run('scripts/budgets.ts'), '');
  const rest = [
    'guest',
    'service',
    'road/http',
    'road/logs',
    'road/statements',
    'road/undici',
    'start-telemetry.test.ts',
  ];
  const tests = await run('scripts/test.ts', ...rest.map((path) => join('packages/telemetry/test', path)));
  t.match(tests, /^[1-9]\d* passed, 0 failed$/m);
});
