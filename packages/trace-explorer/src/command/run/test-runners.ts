import type { Seen } from './watch.ts';

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
  'It tells nothing of them: report compares its requests where a route has 20 in both runs, and single tests of node:test, tap and Vitest.';

/**
 * A line for each test runner that the command started and whose tests did not come.
 * @param hasVitest whether spans of Vitest's tests came
 */
export async function unseenTests(
  seen: readonly Seen[],
  hasVitest: () => Promise<boolean>,
): Promise<readonly string[]> {
  const files = new Set(seen.map(({ file }) => file.replaceAll('\\', '/')));
  const lines: string[] = [];
  for (const [name, pattern, what] of RUNNERS) {
    if (![...files].some((file) => pattern.test(file)) || (name === 'Vitest' && (await hasVitest())))
      continue;
    lines.push(`The tests of ${name} are not traces, only their requests are. ${what || OTHERWISE}`);
  }
  return lines;
}
