import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunnerName } from '@tandem/telemetry/workspace/test-runners';
import { RUNNER_VERSIONS } from '@tandem/telemetry/workspace/test-runners';
import { compareVersions } from '@tandem/telemetry/workspace/versions';
import type { Seen, Use } from '../watch.ts';

/** Test runners, by the file that Node runs. Telemetry tells of those whose versions it knows; of the others, what to do. */
const RUNNERS: readonly (readonly [name: string, file: RegExp, what: string])[] = [
  [
    'Vitest',
    /\/(?:\.bin\/vitest|vitest\/(?:vitest\.mjs|dist\/cli\.js))$/,
    'Add this line to test in its configuration, and install @opentelemetry/api: experimental: { openTelemetry: { enabled: true } },',
  ],
  ['Jest', /\/(?:\.bin\/jest|(?:jest|jest-cli)\/bin\/jest\.js)$/, ''],
  ['Mocha', /\/(?:\.bin\/_?mocha|mocha\/bin\/_?mocha(?:\.js)?|mocha\/lib\/cli\/cli\.js)$/, ''],
  ['Playwright', /\/(?:\.bin\/playwright|(?:@playwright\/test|playwright)\/cli\.js)$/, ''],
  ['AVA', /\/(?:\.bin\/ava|ava\/entrypoints\/cli\.mjs)$/, ''],
];
const OTHERWISE =
  'It does not report them. report compares its requests if a route has 20 in both runs; it compares single tests of other runners.';

/** Whether the file that Node runs is a runner of tests. */
export function isTestRunner(file: string): boolean {
  return RUNNERS.some(([, pattern]) => pattern.test(file.replaceAll('\\', '/')));
}

/**
 * A line for each test runner that the command started and whose tests did not come, with the reason that telemetry tells.
 * Nothing of a runner that telemetry knows, whose files of tests nobody loaded, and that made no requests: it printed its version, or
 * found no tests.
 *
 * @param hasTests whether tests came
 */
export function unseenTests(seen: readonly Seen[], hasTests: boolean): readonly string[] {
  const told = seen.filter(({ use }) => use === 'test-runner');
  const reasons = told.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
  const lines = RUNNERS.flatMap(([name, pattern, what]) => {
    const started = seen.find(({ file }) => pattern.test(file.replaceAll('\\', '/')));
    if (started === undefined || (what !== '' && hasTests) || told.some((each) => each.name === name))
      return [];
    if (!Object.hasOwn(RUNNER_VERSIONS, name))
      return [`The tests of ${name} are not traces, only their requests are. ${what || OTHERWISE}`];
    const version = versionOf(started.file);
    const unknown = unknownVersion(name as RunnerName, version);
    if (unknown.length > 0 || name !== 'Jest' || !hasAsked(seen, pattern)) return unknown;
    return [
      `The tests of ${`Jest ${version ?? ''}`.trim()} are not traces, only their requests are: its configuration names another runner than jest-circus. ${OTHERWISE}`,
    ];
  });
  return [...new Set([...reasons, ...lines])];
}

/** What a process of tests does where it has tests to run. */
const ASKED: ReadonlySet<string> = new Set<Use>([
  'server',
  'fetch',
  'client',
  'http2-server',
  'http2-client',
]);
/** A process that runs test files for another runner of Jest, such as jest-light-runner. */
const OF_POOL = /\/(?:tinypool|jest-light-runner)\//;

/** Whether requests reached or left a runner, or the processes of its pool: it has run tests. */
function hasAsked(seen: readonly Seen[], runner: RegExp): boolean {
  const files = seen.filter(({ use }) => ASKED.has(use)).map(({ file }) => file.replaceAll('\\', '/'));
  return files.some((file) => runner.test(file) || OF_POOL.test(file));
}

/** Says of a version that telemetry does not know that its tests are not traces. */
function unknownVersion(name: RunnerName, version = ''): string[] {
  const [from, below] = RUNNER_VERSIONS[name];
  if (version !== '' && compareVersions(version, from) >= 0 && compareVersions(version, below) < 0) return [];
  return [
    `The tests of ${`${name} ${version}`.trim()} are not traces, only their requests are: run knows the versions from ${from} to ${below}. ${OTHERWISE}`,
  ];
}

/** The version of the package that a file belongs to. */
function versionOf(file: string): string | undefined {
  try {
    for (let folder = dirname(realpathSync(file)); folder !== dirname(folder); folder = dirname(folder)) {
      const manifest = join(folder, 'package.json');
      if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).version;
    }
  } catch {}
  return undefined; // it has gone, or its package.json is none
}
