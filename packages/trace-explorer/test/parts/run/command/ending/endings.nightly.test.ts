import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { INSTALL_TIMEOUT_MS, nodeBinary, npmInstall } from '../../../../../../../test/helpers/npm.ts';
import { until } from '../../../../../../../test/helpers/until.ts';
import { categoryOf } from '../../../../../src/core/problems/problem-key.ts';
import { runsIn } from '../../../../core/command/run-command.ts';
import { AGENT, DOCKER, EXPRESS, NEST, NEXT, PLAIN, SCRIPT, TESTED, TESTS, WORKER } from './apps.ts';

/** A command, what it is asked, and what its last lines say: written down before it was run for the first time. */
interface Ending {
  readonly name: string;
  readonly packages?: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** Version of Node, where it is not the present one. */
  readonly node?: string;
  /** Requests to the address that it prints; then it gets Ctrl+C. */
  readonly asks?: readonly (readonly [method: string, path: string, body?: string])[];
  readonly code: number;
  /** The first line, and the sentences of all causes. */
  readonly head: RegExp;
  readonly causes: readonly RegExp[];
  /** Lines below it, as they come. */
  readonly says?: readonly RegExp[];
  readonly never?: RegExp;
}

const ORDERS = Array.from({ length: 3 }, () => ['GET', '/orders'] as const);
const BAD = ['POST', '/orders', '{"items":[]}'] as const;
const GOOD = ['POST', '/orders', '{"items":[{"sku":"a"}]}'] as const;
const FAILS = /^POST \/orders fails: TypeError: Cannot read properties of undefined \(reading 'sku'\)$/;
const LOOP =
  /^GET \/users\/:id was called 12 times in a row by GET \/orders; one call for all would save up to /;
const HEALTHY = /nothing (?:else )?wrong/i;
const express = { packages: ['express@5.3.0'], files: { 'app.cjs': EXPRESS }, command: ['node', 'app.cjs'] };
const tests = (load: string, path = '/none', expected = 404, file = 'shop.test.cjs') => ({
  'app.cjs': TESTED,
  [file]: TESTS(load, path, expected),
});
const NODE_TEST = `const { test } = require('node:test');`;
const VITEST = `import { createRequire } from 'node:module';
  import { test } from 'vitest';
  const require = createRequire(import.meta.url);`;
const vitest = tests(VITEST, '/none', 404, 'shop.test.mjs');

const ENDINGS: readonly Ending[] = [
  {
    name: 'Express, Ctrl+C',
    ...express,
    asks: [...ORDERS, BAD, BAD, BAD, GOOD],
    code: 130,
    head: /^2 problems in 43 requests$/,
    causes: [FAILS, LOOP],
    says: [
      / [·-] 3 of 4 requests$|^ {6}3 of 4 requests$/m,
      /each request . Make one call for all of them\.$/m,
      /^Show this run: node \S+ --open$/m,
    ],
  },
  {
    name: 'Express, not asked for the order',
    ...express,
    asks: ORDERS,
    code: 130,
    head: /^1 problem in 39 requests$/,
    causes: [LOOP],
    never: /gone|new/i,
  },
  {
    name: 'Express, nothing wrong, and an address that is not there',
    ...express,
    asks: [GOOD, ['GET', '/none']],
    code: 130,
    head: /^(?:Nothing wrong found in )?2 requests, 1 answered 404/,
    causes: [],
  },
  {
    name: 'Nest',
    packages: [
      '@nestjs/core@12',
      '@nestjs/common@12',
      '@nestjs/platform-express@12',
      'reflect-metadata@0.2',
      'rxjs@7',
    ],
    files: { 'app.cjs': NEST },
    command: ['node', 'app.cjs'],
    asks: [...ORDERS, BAD, GOOD],
    code: 130,
    head: /^2 problems in 41 requests$/,
    causes: [/^POST \/orders fails/, LOOP],
    says: [/1 of 2 requests$/m],
  },
  {
    name: 'next dev',
    packages: ['next@16', 'react@19', 'react-dom@19'],
    files: NEXT,
    command: ['npx', '--no', 'next', 'dev', '--port', '0'],
    asks: ORDERS,
    code: 130,
    // Next names its calls by their whole address, so that twelve of them are no loop. What takes long by itself is the machine's.
    head: /^(?:\d problems? in |Nothing wrong found in )?39 requests/,
    causes: [],
  },
  {
    name: 'a plain server',
    files: { 'app.cjs': PLAIN },
    command: ['node', 'app.cjs'],
    asks: [
      ['GET', '/'],
      ['GET', '/a'],
    ],
    code: 130,
    head: /^(?:Nothing wrong found in )?2 requests/,
    causes: [],
  },
  {
    name: 'a script that fails',
    files: { 'fail.cjs': SCRIPT(`throw new TypeError('own')`) },
    command: ['node', 'fail.cjs'],
    code: 1,
    head: /^7 calls to 127\.0\.0\.1:\d+ and 127\.0\.0\.1:65533, the slowest \S+ \S+, 1 call failed: GET 127\.0\.0\.1:65533\/x, /,
    causes: [],
    says: [/^node ended with exit code 1: its own lines above say why\.$/m, /^No request came in, /m],
    never: HEALTHY,
  },
  {
    name: 'a script that works',
    files: { 'work.cjs': SCRIPT('') },
    command: ['node', 'work.cjs'],
    code: 0,
    head: /^7 calls to /,
    causes: [],
    says: [/^No request came in, so there is nothing to compare\.$/m],
  },
  {
    name: 'node:test, an expected 404',
    files: tests(NODE_TEST),
    command: ['node', '--test', 'shop.test.cjs'],
    code: 0,
    head: /^2 tests passed; nothing wrong found in their 2 requests$/,
    causes: [],
  },
  {
    name: 'node:test, an expected 500',
    files: tests(NODE_TEST, '/broken', 500),
    command: ['node', '--test', 'shop.test.cjs'],
    code: 0,
    head: /^2 tests passed; 1 problem in 2 requests$/,
    causes: [/^GET \/broken fails: 500$/],
    says: [/^ {6}the only request . shop\.test\.cjs [›>] a stranger$/m],
  },
  {
    name: 'node:test, a test that fails',
    files: tests(NODE_TEST, '/', 404),
    command: ['node', '--test', 'shop.test.cjs'],
    code: 1,
    head: /^1 test passed, 1 failed; 2 requests$/,
    causes: [/a stranger fails: .*200 is not 404/],
    never: HEALTHY,
  },
  {
    name: 'node:test of a Node that tells nothing of tests',
    files: tests(NODE_TEST),
    command: ['node', '--test', 'shop.test.cjs'],
    node: '22.22.0',
    code: 0,
    head: /^(?:Nothing wrong found in )?2 requests, 1 answered 404/,
    causes: [],
  },
  {
    name: 'Vitest without its spans',
    packages: ['vitest@4.1'],
    files: vitest,
    command: ['npx', '--no', 'vitest', 'run'],
    code: 0,
    head: /^(?:Nothing wrong found in )?2 requests, 1 answered 404/,
    causes: [],
  },
  {
    name: 'Vitest with its spans',
    packages: ['vitest@4.1', '@opentelemetry/api@1.9.1'],
    files: {
      ...vitest,
      'vitest.config.mjs': 'export default { test: { experimental: { openTelemetry: { enabled: true } } } };',
    },
    command: ['npx', '--no', 'vitest', 'run'],
    code: 0,
    head: /^2 tests passed; nothing wrong found in their 2 requests$/,
    causes: [],
  },
  {
    name: 'Jest',
    packages: ['jest@30'],
    files: tests(''),
    command: ['npx', '--no', 'jest', '--', 'shop.test.cjs'],
    code: 0,
    head: /^2 tests passed; nothing wrong found in their 2 requests$/,
    causes: [],
  },
  {
    name: 'Jest, a test that fails',
    packages: ['jest@30'],
    files: tests('', '/', 404),
    command: ['npx', '--no', 'jest', '--', 'shop.test.cjs'],
    code: 1,
    head: /^1 test passed, 1 failed; 2 requests$/,
    causes: [/a stranger fails: 200 is not 404/],
    never: HEALTHY,
  },
  {
    name: 'Mocha',
    packages: ['mocha@11'],
    files: tests('const test = it;'),
    command: ['npx', '--no', 'mocha', 'shop.test.cjs'],
    code: 0,
    head: /^2 tests passed; nothing wrong found in their 2 requests$/,
    causes: [],
  },
  {
    name: 'a queue worker',
    packages: ['@opentelemetry/api@1.9.1'],
    files: { 'worker.cjs': WORKER },
    command: ['node', 'worker.cjs'],
    code: 0,
    head: /^1 problem in 10 messages$/,
    causes: [/^send mail fails: RangeError: no address$/],
    says: [/1 of 10 messages$/m],
  },
  {
    name: 'docker compose up',
    files: { 'bin/docker': DOCKER },
    command: ['docker', 'compose', 'up'],
    code: 0,
    head: /^Containers get none of this command's variables\. /,
    causes: [],
    says: [
      /^ {4}environment: \["OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/host\.docker\.internal:\d+", OTEL_RESOURCE_ATTRIBUTES\]$/m,
    ],
    never: HEALTHY,
  },
  {
    name: 'no app of Node',
    files: {},
    command: ['sh', '-c', 'exit 3'],
    code: 3,
    head: /^sh ended with exit code 3: its own lines above say why\.$/,
    causes: [],
    never: HEALTHY,
  },
  {
    name: 'a coding agent',
    files: { 'bin/claude': AGENT },
    command: ['claude'],
    code: 0,
    head: /^claude: 1 turn, 0 tokens in, 0 out, /,
    causes: [],
    never: /problem|Show this run/,
  },
];

t.setTimeout(3 * INSTALL_TIMEOUT_MS);
const work = t.testdir({ 'package.json': '{}' });
const { start } = runsIn(work);

for (const {
  name,
  packages = [],
  files,
  command,
  node,
  asks,
  code,
  head,
  causes,
  says = [],
  never,
} of ENDINGS)
  t.test(name, async (t) => {
    const folder = join(work, packages.join('+').replace(/\W/g, '-') || 'plain', name.replace(/\W/g, '-'));
    await npmInstall(folder, packages, { name: 'shop', private: true });
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      if (path.startsWith('bin/')) await chmod(file, 0o755);
    }
    const own = await nodeBinary(node ?? process.versions.node);
    const PATH = [join(folder, 'bin'), dirname(own), process.env.PATH].join(':');
    const json = join(folder, 'ending.json');
    const env = {
      OTEL_TRACES_EXPORTER: '',
      OTEL_LOGS_EXPORTER: '',
      XDG_DATA_HOME: join(work, 'home'),
      PATH,
      HOME: folder,
      CI: 'true',
    };
    const run = start(t, ['--', ...command], ['--json', json], env, folder);
    if (asks !== undefined) {
      const url = await until(() => /http:\/\/(?:localhost|127\.0\.0\.1):[1-9]\d*/.exec(run.said.out)?.[0], {
        what: () => run.said.err,
        limitMs: 60_000,
      });
      for (const [method, path, body] of asks)
        await fetch(url + path, {
          method,
          headers: { 'content-type': 'application/json' },
          ...(body && { body }),
        }).then((answer) => answer.text());
      run.child.kill('SIGINT');
    }
    t.equal(await run.ended, code, run.said.err);
    const { err } = run.said;
    const lines = err.split('\n');
    t.ok(
      lines.some((line) => head.test(line)),
      `${head}\n${err}`,
    );
    for (const each of says) t.match(err, each);
    if (never !== undefined) t.notMatch(err.replace(/^Tracing .*\n/, ''), never);
    const facts = JSON.parse(await readFile(json, 'utf8'));
    const told: readonly { rule: string; sentence: string }[] = facts.causes ?? [];
    const sentences = told.flatMap(({ rule, sentence }) => (categoryOf(rule) === 'time' ? [] : sentence));
    // On a busy machine a loop costs more than an error.
    for (const cause of causes)
      t.ok(
        sentences.some((each) => cause.test(each)),
        `${cause}\n${sentences.join('\n')}`,
      );
    t.equal(sentences.length, causes.length, sentences.join('\n'));
    t.equal(facts.exit_code, code);
  });
