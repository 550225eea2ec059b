import t from 'tap';
import type { FieldInfo } from '../../../../src/page/views/query/fields.ts';
import { withoutSavedFields, withSavedFields } from '../../../../src/page/views/query/saved/saved-fields.ts';

const saved = [
  { alias: 'a b', expression: '$duration_ms * 2', description: '' },
  { alias: 'uses', expression: 'SUM($"a b", $other)', description: '' },
  { alias: 'itself', expression: '$itself', description: '' },
  { alias: 'unused', expression: '1', description: '' },
];

const fields: FieldInfo[] = [
  ...saved.map(({ alias, expression }) => ({ name: alias, type: 'calculated', expression }) as const),
  { name: 'stored', type: 'string' },
];

t.test('a query gets the saved fields that it names, those that they use before them', async (t) => {
  t.same(withSavedFields({ breakdowns: ['uses'] }, fields).calculated_fields, [
    { name: 'a b', expression: '$duration_ms * 2' },
    { name: 'uses', expression: 'SUM($"a b", $other)' },
  ]);
  t.same(withSavedFields({ filters: [{ column: 'itself', op: 'exists' }] }, fields).calculated_fields, [
    { name: 'itself', expression: '$itself' },
  ]);
  t.same(
    withSavedFields({ breakdowns: ['root.a b', 'stored'] }, fields).calculated_fields?.map(
      ({ name }) => name,
    ),
    ['a b'],
    'of another span',
  );
  const own = { calculated_fields: [{ name: 'x', expression: '$`a b`' }] };
  t.same(
    withSavedFields(own, fields).calculated_fields?.map(({ name }) => name),
    ['a b', 'x'],
  );
  const mine = { breakdowns: ['uses'], calculated_fields: [{ name: 'uses', expression: '2' }] };
  t.same(withSavedFields(mine, fields), mine, 'its own counts');
});

t.test('and is saved without those that are saved as they are', async (t) => {
  const query = {
    breakdowns: ['uses'],
    calculated_fields: [
      { name: 'unused', expression: '1' },
      { name: 'a b', expression: 'other' },
    ],
  };
  t.same(withoutSavedFields(query, saved), {
    breakdowns: ['uses'],
    calculated_fields: [{ name: 'a b', expression: 'other' }],
  });
  t.same(withoutSavedFields({ calculated_fields: [{ name: 'unused', expression: '1' }] }, saved), {});
});
