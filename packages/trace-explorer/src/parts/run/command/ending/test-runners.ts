import type { Seen } from '../watch.ts';

/** Test runners whose tests are no traces, by the file that Node runs, and what to do. */
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
  'It does not report them. report compares its requests if a route has 20 in both runs; it compares single tests of node:test, tap and Vitest.';

/** Whether the file that Node runs is a runner of tests. */
export function isTestRunner(file: string): boolean {
  return RUNNERS.some(([, pattern]) => pattern.test(file.replaceAll('\\', '/')));
}

/** A line for each test runner that the command started and whose tests did not come. @param hasTests whether tests came */
export function unseenTests(seen: readonly Seen[], hasTests: boolean): readonly string[] {
  const files = seen.map(({ file }) => file.replaceAll('\\', '/'));
  return RUNNERS.filter(
    ([, pattern, what]) => files.some((file) => pattern.test(file)) && !(what !== '' && hasTests),
  ).map(
    ([name, , what]) => `The tests of ${name} are not traces, only their requests are. ${what || OTHERWISE}`,
  );
}
