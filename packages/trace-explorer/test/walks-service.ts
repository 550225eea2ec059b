import { fileURLToPath } from 'node:url';
import { recordFiles } from '../../../test/helpers/files-that-ran.ts';
import { buildExplorer } from '../src/app.ts';
import { openStore } from '../src/core/store/store.ts';
import { plantedShop } from './core/problems/shop.ts';
import { at } from './explorer.ts';
import { storeSpans } from './spans.ts';

// The explorer with two runs of a shop. Prints as JSON which of its files ran for each of some questions.
const SOURCES = fileURLToPath(new URL('../src', import.meta.url));
const store = await openStore({ directory: process.argv[2] ?? '' });
const app = await buildExplorer({ store });
const { filesThatRan } = await recordFiles(SOURCES, /^(?!\.\.|core\/store\/|lib\/|http\/)/);
const BEGIN = -600_000;
for (const [run, from] of [
  ['last', BEGIN],
  ['now', BEGIN + 300_000],
] as const) {
  const { spans } = plantedShop(at(from), 200);
  await storeSpans(
    store,
    spans.map((span) => ({ ...span, resource: { 'tandem.run.id': run, 'vcs.ref.head.revision': run } })),
  );
}
const get = async (path: string) => {
  const answer = await app.inject(path);
  if (answer.statusCode >= 300) throw new Error(`${path}: ${answer.body}`);
  return answer.json();
};
const { causes } = await get('/api/causes?time_range=86400');
const [{ id, trace_id }] = causes;
const walks: Record<string, string[]> = {};
for (const [name, path] of Object.entries({
  causes: '/api/causes?time_range=86400',
  cause: `/api/causes/${id}?time_range=86400`,
  ending: '/api/verdict?run=now',
  'ending, with the last run and sightings': '/api/verdict?run=now&last=last&sightings=true',
  'live line': '/api/verdict?run=now&running=true',
  report: '/api/report?run=now',
  'report, with a base': '/api/report?run=now&base=last',
  compare: '/api/compare?head=now&base=last',
  outline: `/api/traces/${trace_id}/outline`,
})) {
  await get(path);
  await filesThatRan(); // counts from here on
  await get(path);
  walks[name] = await filesThatRan();
}
process.stdout.write(`${JSON.stringify(walks)}\n`);
await app.close();
await store.close();
