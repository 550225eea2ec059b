import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readArguments } from './lib/arguments.ts';
import { documentText, OPENAPI_FOLDER, openapiDocuments } from './lib/openapi-documents.ts';
import { callOf, ROOT } from './lib/root.ts';

readArguments(
  `Usage: ${callOf('openapi')}

Writes the OpenAPI documents of both services and the explorer to docs/openapi. Those of the services are committed, and a
test compares them with what the processes answer; the explorer's is made here, and answered at /documentation/json.`,
  {},
);
mkdirSync(OPENAPI_FOLDER, { recursive: true });
for (const [name, document] of Object.entries(await openapiDocuments())) {
  const path = join(OPENAPI_FOLDER, `${name}.json`);
  writeFileSync(path, documentText(document));
  process.stdout.write(`${relative(ROOT, path)}\n`);
}
