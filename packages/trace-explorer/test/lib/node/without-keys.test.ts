import { withoutKeys } from '@tandem/service-kit/http';
import t from 'tap';

t.test('what looks like a key is left out of a text', async (t) => {
  const keys = [`hcaik_${'0a'.repeat(29)}`, '0123456789abcdef0123456789abcdef', 'aB3'.repeat(7)];
  for (const key of keys) t.equal(withoutKeys(`/home/${key}/data`), '/home/***/data', key);
});

t.test('names that people give their folders stay', async (t) => {
  const names = [
    'observability_week_2026',
    'AnObservabilityCourseOfMine',
    'week-12-of-the-bootcamp',
    '20261122101500123456',
  ];
  for (const name of names) t.equal(withoutKeys(`/home/${name}/data`), `/home/${name}/data`);
});
