import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startNode } from '../../../../test/helpers/processes.ts';
import { until } from '../../../../test/helpers/until.ts';

const moduleAt = (path: string) => JSON.stringify(import.meta.resolve(path));

/** Waits in a test with a browser and both services. Writes the services' addresses. */
const WAITS = `import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from ${moduleAt('tap')};
import { openWorkspace } from ${moduleAt('./workspace.ts')};
t.test('waits', async (t) => {
  const { pair, page } = await openWorkspace(t);
  writeFileSync(import.meta.dirname + '/started', pair.api + ' ' + pair.userLookupUrl + ' \\n');
  await sleep(100_000);
  await page.title();
});
`;

t.test('a signal ends the test of a page at once, and the services that the test has started', async (t) => {
  const directory = t.testdir({ 'waits.test.ts': WAITS });
  const started = join(directory, 'started');
  const { CHROMIUM_PATH = '' } = process.env;
  const tests = startNode('.', ['scripts/test.ts', join(directory, 'waits.test.ts')], { CHROMIUM_PATH });
  const lines = () => (existsSync(started) ? readFileSync(started, 'utf8') : '') || undefined;
  const [api = '', userLookup = ''] = (await until(lines, { what: () => tests.output() })).split(' ');
  t.equal(await tests.stop('SIGTERM'), 128 + 15, tests.output());
  for (const url of [api, userLookup])
    await until(
      () =>
        fetch(url).then(
          () => false,
          () => true,
        ),
      { what: `${url} answers no more` },
    );
});
