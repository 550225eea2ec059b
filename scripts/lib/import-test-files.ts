import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { ROOT } from '../../tools/root.ts';

// The program of a process that several test files share. Each file is loaded by a test of its own, and tap runs tests in
// their order, so a file is loaded when the tests of the file before have ended.
// Not buffered, so that it waits where the file before runs its tests side by side.
for (const file of process.env.TEST_FILES?.split(',') ?? [])
  await t.test(`${file} is loaded`, { buffered: false }, async () => {
    t.jobs = 1;
    await import(pathToFileURL(join(ROOT, file)).href);
    // The time limit is for all files together, whatever this file has set.
    t.setTimeout(Number(process.env.TAP_TIMEOUT) * 1_000);
  });
