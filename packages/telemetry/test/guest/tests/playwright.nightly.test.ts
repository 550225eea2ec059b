import t from 'tap';
import { findChromium, NO_CHROMIUM } from '../../../../../scripts/lib/find-chromium.ts';
import { packPackage } from '../../../../../scripts/lib/pack-package.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary } from '../../../../../test/helpers/npm.ts';
import { attemptsOf, executionsOf, runnerProject } from './runner-project.ts';

t.setTimeout(8 * INSTALL_TIMEOUT_MS);
const executablePath = findChromium();
if (executablePath === undefined) throw new Error(NO_CHROMIUM);

const ATTEMPTS = [
  'shop.spec.mjs › asks by a fixture #0 pass: /request',
  'shop.spec.mjs › is as if its route answered #0 pass: /page',
  'shop.spec.mjs › is expected to fail #0 pass: ',
  'shop.spec.mjs › keeps the traceparent of a page #0 pass: /plain',
  'shop.spec.mjs › opens a browser of its own #0 pass: /plain',
  'shop.spec.mjs › shop › is flaky #0 fail: /after /before',
  'shop.spec.mjs › shop › is flaky #1 pass: /after /before',
  'shop.spec.mjs › shop › opens a popup #0 pass: /after /before /from-page /page /popup',
  'shop.spec.mjs › shop › shows a page #0 pass: /after /before /from-page /page',
  'shop.spec.mjs › skips itself #0 skip: ',
];
/** The same in the first repetition of `--repeat-each=2`, and in the second. */
const REPEATED = ATTEMPTS.flatMap((line) => [line, line.replace(' #', ' (repeat 1) #')]).toSorted();

const CONFIG = `export default {
  testDir: 'test',
  retries: 1,
  reporter: 'list',
  use: { launchOptions: { executablePath: ${JSON.stringify(executablePath)}, args: ['--no-sandbox'] } },
};
`;

const NEWEST = '1.65.1';

for (const version of ['1.55.0', '1.59.1', '1.60.0', NEWEST])
  t.test(
    `each attempt of a test of Playwright ${version} is a trace with what its pages request`,
    async (t) => {
      const { compare } = await runnerProject(t, [`@playwright/test@${version}`], {
        'playwright.config.mjs': CONFIG,
        'test/shop.spec.mjs': 'playwright.mjs',
      });
      const { plain, traced, spans } = await compare(['playwright', 'test']);
      t.equal(traced.code, plain.code);
      t.equal(traced.output, plain.output);
      t.same(attemptsOf(spans), ATTEMPTS);

      const repeated = await compare(['playwright', 'test', '--repeat-each=2', '--workers=2']);
      t.equal(repeated.traced.code, repeated.plain.code);
      t.same(attemptsOf(repeated.spans), REPEATED);

      const shards: string[] = [];
      for (const shard of version === NEWEST ? ['1/2', '2/2'] : []) {
        const ran = await compare(['playwright', 'test', '--fully-parallel', `--shard=${shard}`]);
        t.equal(ran.traced.output, ran.plain.output, shard);
        shards.push(...attemptsOf(ran.spans));
      }
      if (version === NEWEST) t.same(shards.toSorted(), ATTEMPTS);

      const off = await compare(['playwright', 'test', '-g', 'shows a page'], { TRACE_BROWSER: 'false' });
      t.same(attemptsOf(off.spans), ['shop.spec.mjs › shop › shows a page #0 pass: /after /before']);
    },
  );

t.test('Node 22.15 with the packed telemetry: what pages request belongs to their tests, too', async (t) => {
  const telemetry = await packPackage('telemetry', t.testdir());
  const node = await nodeBinary('22.15.0');
  const { compare } = await runnerProject(
    t,
    [`@playwright/test@${NEWEST}`, '@opentelemetry/api', telemetry],
    { 'playwright.config.mjs': CONFIG, 'test/shop.spec.mjs': 'playwright.mjs' },
    { node, register: '@tandem/telemetry/register' },
  );
  const { plain, traced, spans } = await compare(['playwright', 'test']);
  t.equal(traced.code, plain.code);
  t.equal(traced.output, plain.output);
  t.same(attemptsOf(spans), ATTEMPTS);
});

t.test('each test that is run in UI mode is a trace, and the page shows the same', async (t) => {
  const { compare } = await runnerProject(t, [`@playwright/test@${NEWEST}`], {
    'playwright.config.mjs': CONFIG,
    'test/shop.spec.mjs': 'playwright.mjs',
    'ui-mode.mjs': 'ui-mode.mjs',
  });
  const { plain, traced, spans } = await compare(['node', 'ui-mode.mjs'], { CHROMIUM: executablePath });
  t.equal(traced.code, 0, traced.output);
  t.equal(traced.output, plain.output);
  const withoutRetries = ATTEMPTS.filter((line) => !line.includes('#1'));
  t.same(attemptsOf(spans), withoutRetries);
});

const WATCHED = (passes: boolean) => `import { expect, test } from '@playwright/test';
test('pays', () => expect(${passes}).toBe(true));
for (const order of [12345, 23456]) test('lists order ' + order, () => {});
`;

for (const version of ['1.55.0', NEWEST])
  t.test(`Playwright ${version} says which tests UI mode runs again`, async (t) => {
    const { compare } = await runnerProject(t, [`@playwright/test@${version}`], {
      'playwright.config.mjs': CONFIG,
      'test/watched.spec.mjs': WATCHED(false),
      'ui-mode.mjs': 'ui-mode.mjs',
    });
    const tests = await compare(['playwright', 'test']);
    t.same(
      tests.spans.filter(({ attributes }) => 'tandem.test.execution' in attributes),
      [],
      'and not where nobody watches',
    );
    const mend = ['node', 'ui-mode.mjs', 'test/watched.spec.mjs', WATCHED(false), WATCHED(true)];
    const { traced, spans } = await compare(mend, { CHROMIUM: executablePath });
    t.equal(traced.code, 0, traced.output);
    const own = spans.filter(({ attributes }) => attributes['tandem.test.runner'] === 'playwright');
    t.same(executionsOf(own), [
      'watched.spec.mjs: lists order … pass',
      'watched.spec.mjs: lists order … pass',
      'watched.spec.mjs: pays fail',
      'watched.spec.mjs: pays pass',
    ]);
  });
