import t from 'tap';
import { hrefOf, parsePlace, queryPlace, tracePlace } from '../../../src/page/shell/place.ts';

const at = (path: string) => parsePlace(new URL(path, 'http://localhost:3000'));

t.test('every place is a URL, and every URL leads back to its place', (t) => {
  const hostile = 'a/b?c#d&e=%25"<';
  const places = [
    queryPlace({ filters: [{ column: hostile, op: '=', value: hostile }] }, 'my service'),
    tracePlace('0123456789abcdef0123456789abcdef', '0123456789abcdef'),
    { view: 'trace', id: hostile, params: {} },
    { view: 'traces', params: { errors: 'true' } },
    { view: 'map', params: {} },
    { view: 'query', params: {} },
    { view: 'overview', params: { last: '600' } },
    { view: 'overview', params: { order: 'p95', find: hostile } },
  ] as const;
  for (const place of places) t.same(at(hrefOf(place)), place);
  t.end();
});

t.test(
  'links to queries of before lead to the query; without a query the start view is the overview',
  (t) => {
    t.equal(at('/?dataset=__all__&query=%7B%7D')?.view, 'query');
    t.equal(at('/?query=%7Bbroken')?.view, 'query');
    t.equal(at('/')?.view, 'overview');
    t.equal(at('/query')?.view, 'query');
    t.end();
  },
);

t.test('paths that are not the page’s are not its places', (t) => {
  for (const path of [
    '/documentation',
    '/api/status',
    '/trace',
    '/traces/1',
    '/map/a/b',
    '/overview',
    '/query/1',
  ]) {
    t.equal(at(path), undefined, path);
  }
  t.same(
    at('/trace/%E0%A4%A'),
    { view: 'trace', id: '%E0%A4%A', params: {} },
    'what cannot be decoded stays',
  );
  t.end();
});
