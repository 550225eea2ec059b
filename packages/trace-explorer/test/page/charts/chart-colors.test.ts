import t from 'tap';
import { lineColor } from '../../../src/page/charts/chart-colors.ts';
import { MAX_LINES } from '../../../src/page/charts/series/series-lines.ts';

t.test('no two lines of a chart have one colour', async (t) => {
  for (const scheme of ['light', 'dark'] as const) {
    const colors = Array.from({ length: MAX_LINES }, (_, place) => lineColor(scheme, place));
    t.equal(new Set(colors).size, MAX_LINES, scheme);
  }
});
