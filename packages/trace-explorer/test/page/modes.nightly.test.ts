import t from 'tap';
import { EVERY_VIEW, openEveryView, showView } from './every-view.ts';
import { erased, moving, wrongOnPaper } from './modes.ts';

const shared = await openEveryView(t);
const { page, problems, violations } = shared;

/** Pixels of a sheet of A4 between its margins. */
const SHEET = 718;

for (const view of EVERY_VIEW) {
  const [what, , open] = view;
  t.test(`${what}: with reduced motion, with forced colours, and on paper`, async (t) => {
    await showView(shared, view, { reducedMotion: 'reduce' });
    t.equal(await moving(page), 0, 'nothing moves');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, forcedColors: 'active' });
      t.same(await erased(page), [], `${colorScheme}, forced: what is chosen can be told apart`);
      t.same(await violations(), [], `${colorScheme}, forced`);
    }
    t.same(
      problems.filter((each) => !each.includes('404')),
      [],
    );
    // What opens over the page is not printed.
    if (open !== undefined && what !== 'cause') return;
    // A system prints in its light colours, but a page may be set to dark.
    await page.evaluate(() => {
      document.documentElement.dataset.theme = 'dark';
    });
    await page.setViewportSize({ width: SHEET, height: 1000 });
    await page.emulateMedia({ media: 'print', forcedColors: 'none' });
    t.same(await wrongOnPaper(page), [], 'on paper');
  });
}
