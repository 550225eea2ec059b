import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from './lib/arguments.ts';
import { GENERATED } from './lib/documents/generated.ts';
import { documentText, OPENAPI_FOLDER, openapiDocuments } from './lib/openapi-documents.ts';
import { callOf, ROOT } from './lib/root.ts';

readArguments(
  `Usage: ${callOf('documents')}

Writes the parts of documents that come from code and results: the tables of docs/reference/settings.md,
rooms.md, parts.md and docs/scaling.md, the bars of docs/images, the explorer's table of the semantic conventions, and docs/openapi.
Tests compare all but the explorer's OpenAPI document, which is not committed.`,
  {},
);
for (const [path, make] of Object.entries(GENERATED)) write(path, make());
mkdirSync(OPENAPI_FOLDER, { recursive: true });
for (const [name, document] of Object.entries(await openapiDocuments()))
  write(`docs/openapi/${name}.json`, documentText(document));

function write(path: string, text: string): void {
  writeFileSync(join(ROOT, path), text);
  process.stdout.write(`${path}\n`);
}
