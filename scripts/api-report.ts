import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { writeApiReports } from './lib/api-report.ts';
import { readArguments } from './lib/arguments.ts';
import { packPackage } from './lib/pack-package.ts';
import { callOf, ROOT } from './lib/root.ts';

readArguments(
  `Usage: ${callOf('api:report')}

Records the types of the packed @tandem/telemetry in packages/telemetry/test/types. A nightly test compares them, so that a
review shows every change of the API.`,
  {},
);
const folder = join(ROOT, 'packages', 'telemetry', 'test', 'types');
await using work = await mkdtempDisposable(join(tmpdir(), 'api-report-'));
await writeApiReports('telemetry', await packPackage('telemetry', work.path), folder);
console.log(`${relative(process.cwd(), folder)} has the types. If they changed, say so in CHANGELOG.md.`);
