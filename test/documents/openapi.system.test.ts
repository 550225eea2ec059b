import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import t from 'tap';
import {
  COMMITTED,
  documentText,
  OPENAPI_FOLDER,
  openapiDocuments,
} from '../../scripts/lib/openapi-documents.ts';

const HOW =
  'If the change is meant: `node tandem documents` writes docs/openapi, and CHANGELOG.md says what callers see.';

const documents = await openapiDocuments();
const config = await createConfig({
  extends: ['recommended'],
  rules: {
    // Each is served by the server that it is about, which OpenAPI assumes where none is named.
    'no-empty-servers': 'off',
    // A token is a setting: without a token, every caller may ask.
    'security-defined': 'off',
    // The explorer says `default` for every problem.
    'operation-4xx-response': 'off',
    'operation-operationId': 'error',
    'operation-operationId-unique': 'error',
    'operation-summary': 'error',
    'tag-description': 'off',
  },
});

const lint = async (text: string) => {
  const problems = await lintFromString({ source: text, absoluteRef: '/openapi.json', config });
  return problems.map(({ ruleId, message, location: [place] }) => `${ruleId}: ${message} ${place?.pointer}`);
};

for (const [name, document] of Object.entries(documents)) {
  t.test(`${name}: its OpenAPI document has no finding`, async (t) => {
    t.strictSame(await lint(JSON.stringify(document)), []);
  });
}

for (const name of COMMITTED)
  t.test(`${name}: docs/openapi equals the document of the process`, async (t) => {
    const document = documents[name] ?? {};
    t.equal(readFileSync(join(OPENAPI_FOLDER, `${name}.json`), 'utf8'), documentText(document), HOW);
  });

t.test('docs/openapi has no document of a former process', async (t) => {
  t.strictSame(
    readdirSync(OPENAPI_FOLDER)
      .filter((file) => file !== 'explorer.json')
      .toSorted(),
    COMMITTED.map((name) => `${name}.json`),
  );
});
