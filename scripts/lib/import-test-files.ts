import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { ROOT } from './root.ts';

// The program of a process that several test files share: each is loaded when the tests of the one before have ended.
for (const file of process.env.TEST_FILES?.split(',') ?? []) {
  await import(pathToFileURL(join(ROOT, file)).href);
  // Of all files, whatever this one has set for itself.
  t.setTimeout(Number(process.env.TAP_TIMEOUT) * 1_000);
  await t.test(`the end of ${file}`, async () => {});
}
