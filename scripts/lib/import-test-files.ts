import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { ROOT } from './root.ts';

// The program of a process that several test files share. tap runs tests in the order in which they are named, so that
// each file is loaded, by a test of its own, when the tests of the one before have ended.
for (const file of process.env.TEST_FILES?.split(',') ?? [])
  await t.test(`${file} is loaded`, async () => {
    await import(pathToFileURL(join(ROOT, file)).href);
    // Of all files, whatever this one has set for itself.
    t.setTimeout(Number(process.env.TAP_TIMEOUT) * 1_000);
  });
