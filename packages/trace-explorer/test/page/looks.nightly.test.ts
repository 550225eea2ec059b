import { globSync } from 'node:fs';
import { ROOT } from '../../../../test/helpers/processes.ts';

// The tests of the page, with each look of axe, in each theme at each width, each view loaded anew in each of its modes,
// by mouse and by keyboard.
process.env.TEST_NIGHTLY = 'true';
process.env.TEST_FILES = globSync('packages/trace-explorer/test/{page,parts}/**/*.browser.test.ts', {
  cwd: ROOT,
  exclude: ['**/large.browser.test.ts'], // at night too
}).join();
await import('../../../../scripts/lib/import-test-files.ts');
