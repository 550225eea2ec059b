import t from 'tap';
import { occurrencesOf } from '../../../../src/core/problems/occurrences.ts';
import { problemId } from '../../../../src/core/problems/problem-key.ts';
import { typicalTraces } from '../../../../src/parts/causes/server/typical-traces.ts';
import { client, modelOf, server } from '../../../core/traces/make-span.ts';

/** A route that calls a database which fails. */
function traceOf(route: string, milliseconds: number) {
  return modelOf([
    server('a', '', 0, milliseconds, { name: route, error: true }),
    client('b', 'a', 0, milliseconds - 1, { name: 'SELECT ledger', error: true }),
  ]);
}

t.test('the typical trace is of the route that the sentence names, near the median of these', async (t) => {
  const models = [
    traceOf('GET /area39', 50),
    traceOf('GET /', 50),
    traceOf('GET /report', 900),
    traceOf('GET /report', 100),
    traceOf('GET /report', 110),
  ];
  const [id = ''] = models.flatMap((model) => occurrencesOf(model).map(({ key }) => problemId(key)));
  const shown = (sentence: string) =>
    typicalTraces(models, id, sentence).map(({ rows, duration_ms }) => [rows[0]?.name, duration_ms]);
  t.same(shown('SELECT ledger failed in GET /report').slice(0, 3), [
    ['GET /report', 110],
    ['GET /report', 100],
    ['GET /report', 900],
  ]);
  t.same(shown('')[0]?.[1], 100, 'without a name the median of all');
});
