import { fileURLToPath } from 'node:url';
import { decoded, randomId } from '@tandem/otlp/testing';
import { recordFiles } from '../../../../../test/helpers/files-that-ran.ts';
import { buildExplorer } from '../../../src/app.ts';
import { openStore } from '../../../src/core/store/store.ts';

// The explorer with a few spans. Prints as JSON which of its files ran for a query: its creation, and its run.
const SOURCES = fileURLToPath(new URL('../../../src', import.meta.url));
const store = await openStore({ directory: process.argv[2] ?? '' });
const app = await buildExplorer({ store });
const { filesThatRan } = await recordFiles(SOURCES, /^(?!\.\.)/);

await store.write(
  decoded([1, 2, 3].map((n) => ({ traceId: randomId(16), name: `n${n}`, attributes: { n } }))),
);
await store.read('SELECT 1');
const post = async (url: string, payload: object) => {
  const answer = await app.inject({ method: 'POST', url, payload });
  if (answer.statusCode >= 300) throw new Error(answer.body);
  return answer.json();
};
let files: string[] = [];
for (const time_range of [500, 600]) {
  await filesThatRan(); // counts from here on
  const { id } = await post('/1/queries/__all__', {
    calculations: [{ op: 'COUNT' }, { op: 'P95', column: 'duration_ms' }],
    filters: [{ column: 'n', op: '>', value: 1 }],
    breakdowns: ['name'],
    orders: [{ op: 'COUNT', order: 'descending' }],
    time_range,
  });
  await post('/1/query_results/__all__', { query_id: id });
  files = await filesThatRan();
}
process.stdout.write(`${JSON.stringify(files)}\n`);
await app.close();
await store.close();
