import t from 'tap';
import { compareVersions } from '../../src/common/compare-versions.ts';

t.test('versions are compared by their numbers', async (t) => {
  for (const [newer, older] of [
    ['22.15.0', '22.9.9'],
    ['3.4.10', '3.4.9'],
    ['1.10', '1.9.1'],
    ['2', '1.99.99'],
  ] as const) {
    t.ok(compareVersions(newer, older) > 0, `${newer} after ${older}`);
    t.ok(compareVersions(older, newer) < 0, `${older} before ${newer}`);
  }
  for (const same of ['1.9.1', '24.0.0-nightly', 'not a version']) t.equal(compareVersions(same, same), 0);
});
