import t from 'tap';
import { ALL_DATASETS } from '../../../../src/core/query/parse/all-datasets.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { checkQuery, runQuery } from '../../../../src/core/query/run/run-query.ts';
import { at } from '../../../explorer.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';

const spans = (count: number, service: string, attributes: Record<string, string>) =>
  Array.from({ length: count }, (_, i) => ({ service, start: at(i), attributes }));

t.test('a query over a name says how many spans have its value under another name', async (t) => {
  const store = await temporaryStore(t);
  const query = parseQuery({
    time_range: 3600,
    calculations: [{ op: 'COUNT' }],
    filters: [{ column: 'http.request.method', op: '=', value: 'GET' }],
  });
  await storeSpans(store, spans(30, 'old', { 'http.method': 'GET' }));
  t.throws(
    () => checkQuery(store.fields(), ALL_DATASETS, query),
    /but spans have http\.method, which means the same/,
  );
  await storeSpans(store, spans(2, 'new', { 'http.request.method': 'GET' }));
  await storeSpans(store, spans(3, 'both', { 'http.request.method': 'GET', 'http.method': 'GET' }));
  const { results, notes } = await runQuery(store, ALL_DATASETS, query);
  t.match(results, [{ data: { COUNT: 5 } }], 'as at Honeycomb');
  t.match(notes, [/^30 spans of this range have http\.method, another name of http\.request\.method/]);
  const old = parseQuery({ breakdowns: ['http.method'], time_range: 3600 });
  t.match((await runQuery(store, ALL_DATASETS, old)).notes, [/^2 spans .* have http\.request\.method/]);
  t.notOk('notes' in (await runQuery(store, 'both', query)), 'nothing is missing in this dataset');
  t.notOk('notes' in (await runQuery(store, ALL_DATASETS, parseQuery({ breakdowns: ['name'] }))));
  const calculated_fields = [{ name: 'http.request.method', expression: '$http.method' }];
  t.notOk(
    'notes' in
      (await runQuery(
        store,
        ALL_DATASETS,
        parseQuery({ breakdowns: ['http.request.method'], calculated_fields }),
      )),
  );
});
