import t from 'tap';
import { temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';

/** Names that are no slug, as senders may choose: each byte of the first is three characters of a path, the second is stored cut. */
const NAMES = ['/'.repeat(250), 'one ö name'.repeat(60), `${'one ö name'.repeat(60)}2`, 'short'];

t.test('a dataset is found in a path whatever its name is, and however long', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  await storeSpans(
    store,
    NAMES.map((service, i) => ({ service, attributes: { [`own.${i}`]: i } })),
  );
  for (const [i, name] of NAMES.entries()) {
    const path = encodeURIComponent(name);
    const { status, body } = await get(`/1/columns/${path}`);
    t.equal(status, 200, `${path.length} characters: ${JSON.stringify(body).slice(0, 200)}`);
    const own = body
      .map((each: { key_name: string }) => each.key_name)
      .filter((key: string) => /^own/.test(key));
    t.same(own, [`own.${i}`]);
    const query = await app.inject({ method: 'POST', url: `/1/queries/${path}`, payload: {} });
    const payload = { query_id: query.json().id, disable_series: true };
    const result = await app.inject({ method: 'POST', url: `/1/query_results/${path}`, payload });
    t.match(result.json(), { data: { results: [{ data: { COUNT: 1 } }] } });
  }
  t.match(await get(`/1/columns/${'x'.repeat(5_000)}`), {
    status: 404,
    body: { error: 'Dataset not found' },
  });
});
