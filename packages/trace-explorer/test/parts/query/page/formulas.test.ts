import t from 'tap';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import type { Calculation, QuerySpecInput } from '../../../../src/core/query/parse/query-spec.ts';
import {
  formatCalculation,
  isWritable,
  parseHaving,
  parseNamedCalculation,
  parseOrder,
} from '../../../../src/parts/query/page/clauses/clauses.ts';
import { completeFormula, namesOf, withNames } from '../../../../src/parts/query/page/formulas/formulas.ts';
import { measuresOf } from '../../../../src/parts/query/page/results/measures.ts';

const failed = [{ column: 'error', op: '=', value: true }] as const;

t.test('a calculation with a name and filters reads back as it is written out', (t) => {
  const written: Calculation[] = [
    { op: 'COUNT' },
    { op: 'P90', column: 'duration_ms', name: 'slow tenth' },
    { op: 'COUNT', name: 'errors', filters: failed },
    {
      op: 'MAX',
      column: 'duration_ms',
      name: 'most',
      filters: [...failed, { column: 'name', op: 'in', value: ['a', 'b'] }],
      filter_combination: 'OR',
    },
  ];
  for (const each of written) {
    t.ok(isWritable(each));
    t.same(parseNamedCalculation(formatCalculation(each), []), each, formatCalculation(each));
  }
  const ambiguous = { column: 'name', op: '=', value: 'search AND rescue' } as const;
  t.notOk(isWritable({ op: 'COUNT', name: 'x', filters: [ambiguous] }), 'it is a chip that is only removed');
  t.end();
});

t.test('calculations beside a formula get letters that nothing else has', (t) => {
  const formulas = [{ name: 'B', expression: '$A / $B1' }];
  t.same(withNames({ formulas, breakdowns: ['C'] }).calculations, [{ op: 'COUNT', name: 'A' }]);
  const query = { formulas, calculations: [{ op: 'COUNT' }, { op: 'MAX', column: 'duration_ms' }] } as const;
  t.same(namesOf(withNames(query)), ['B', 'A', 'B1']);
  t.doesNotThrow(() => parseQuery(withNames(query)));
  t.same(withNames({ calculations: [{ op: 'COUNT' }] }).calculations, [{ op: 'COUNT' }], 'without a formula');
  t.same(
    withNames({ calculations: [{ op: 'COUNT', filters: failed }] }).calculations,
    [{ op: 'COUNT', name: 'A', filters: failed }],
    'filters need a name',
  );
  const many = withNames({ formulas, calculations: Array.from({ length: 60 }, () => ({ op: 'COUNT' })) });
  t.equal(new Set(namesOf(many)).size, 61);
  t.end();
});

t.test(
  'names of calculations complete after $, functions elsewhere; orders and havings take names',
  async (t) => {
    const query: QuerySpecInput = {
      calculations: [{ op: 'COUNT', name: 'errors', filters: failed }, { op: 'COUNT' }],
    };
    const context = { fields: [{ name: 'app.now', type: 'string' as const }], query, values: async () => [] };
    const after = await completeFormula('rate = $', context);
    t.same(
      after.map(({ label, detail }) => [label, detail]),
      [
        ['$B', 'COUNT'],
        ['$errors', 'COUNT'],
      ],
    );
    t.match(
      (await completeFormula('rate = $err', context)).map(({ text }) => text),
      ['rate = $errors'],
    );
    t.match(
      (await completeFormula('rate = COAL', context)).map(({ text }) => text),
      ['rate = COALESCE('],
    );
    t.same(parseOrder('rate desc', ['rate']), { column: 'rate', order: 'descending' });
    t.same(parseHaving('rate > 0.1', ['rate']), { column: 'rate', op: '>', value: 0.1 });
  },
);

t.test('a result shows formulas instead of calculations', (t) => {
  const calculations = [{ op: 'COUNT', name: 'A' }] as const;
  const [formula, ...more] = measuresOf({ calculations, formulas: [{ name: 'half', expression: '$A / 2' }] });
  t.same([formula?.key, formula?.order, more], ['half', { column: 'half' }, []]);
  t.equal(formula?.format(0.12345), '0.123');
  t.equal(formula?.format(null), '–');
  t.same(
    measuresOf({}).map(({ key }) => key),
    ['COUNT'],
  );
  t.end();
});
