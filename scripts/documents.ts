import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../tools/arguments.ts';
import { callOf, ROOT } from '../tools/root.ts';
import { GENERATED } from './lib/documents/generated.ts';
import { writeScope } from './lib/documents/scope.ts';
import { documentText, OPENAPI_FOLDER, openapiDocuments } from './lib/openapi-documents.ts';
import { SCOPE } from './lib/release.ts';

readArguments(
  `Usage: ${callOf('documents')}

Writes what documents take from code and results: settings, attributes, limits, rules of findings, parts, tools for
agents, exports of telemetry, the list of decisions, claims of measurements, the bars of docs/images, how to get the
packages (scripts/lib/release.ts), the explorer's table of the semantic conventions, and docs/openapi. Tests compare all
but the explorer's OpenAPI document, which is not committed. If you have changed the packages' scope in
scripts/lib/release.ts, the command writes it into every file, and says what comes next.`,
  {},
);
const renamed = writeScope(ROOT, SCOPE);
if (renamed.length > 0)
  process.stdout.write(
    `${renamed.length} files have the scope ${SCOPE} now. Run \`${callOf('install')}\`, then this command again.\n`,
  );
else await writeDocuments();

async function writeDocuments(): Promise<void> {
  for (const [path, make] of Object.entries(GENERATED)) write(path, make());
  mkdirSync(OPENAPI_FOLDER, { recursive: true });
  for (const [name, document] of Object.entries(await openapiDocuments()))
    write(`docs/openapi/${name}.json`, documentText(document));
}

function write(path: string, text: string): void {
  writeFileSync(join(ROOT, path), text);
  process.stdout.write(`${path}\n`);
}
