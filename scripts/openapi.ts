import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openapiTypes } from '../services/activities-api/testing/openapi-types.ts';
import { readArguments } from './lib/arguments.ts';
import {
  documentText,
  OPENAPI_FOLDER,
  openapiDocuments,
  USER_LOOKUP_TYPES,
} from './lib/openapi-documents.ts';
import { callOf, ROOT } from './lib/root.ts';

readArguments(
  `Usage: ${callOf('openapi')}

Writes the OpenAPI documents of both services and the explorer to docs/openapi, and the types of user-lookup's for its
client. A test compares them with what the processes answer.`,
  {},
);
mkdirSync(OPENAPI_FOLDER, { recursive: true });
for (const [name, document] of Object.entries(await openapiDocuments())) {
  write(join(OPENAPI_FOLDER, `${name}.json`), documentText(document));
  if (name === 'user-lookup') write(USER_LOOKUP_TYPES, await openapiTypes(document));
}

function write(path: string, text: string): void {
  writeFileSync(path, text);
  process.stdout.write(`${relative(ROOT, path)}\n`);
}
