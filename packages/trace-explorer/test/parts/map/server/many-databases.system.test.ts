import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { decoded } from '../../../spans.ts';

// At night too: with more databases.

const DATABASES = IS_NIGHT ? 250_000 : 20_000;

t.test('a database of its own for each span, such as a file in a temporary folder, is a map', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const one = decoded(
    Array.from({ length: DATABASES }, (_, n) => ({
      service: 'tests',
      kind: 3,
      attributes: { 'db.system.name': 'sqlite', 'db.namespace': `/tmp/${n}.db` },
    })),
  );
  const [group] = one.scopeSpans;
  if (group === undefined) throw new Error('There are spans.');
  const spans = one.scopeSpans.flatMap((each) => each.spans);
  await store.write({ ...one, scopeSpans: [{ ...group, spans }] });
  const { status, body } = await get('/api/map');
  t.equal(status, 200);
  t.equal(body.services.length, 1 + DATABASES);
  t.match(body.services[1], { name: 'sqlite /tmp/0.db', type: 'database', count: 1, p50_ms: 1 });
});
