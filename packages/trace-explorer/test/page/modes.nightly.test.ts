import t from 'tap';
import { EVERY_VIEW, openEveryView, showView } from './every-view.ts';
import { erased, moving, wrongOnPaper } from './modes.ts';

const shared = await openEveryView(t);
const { page, problems, violations } = shared;

/** Pixels of a sheet of A4 between its margins. */
const SHEET = 718;

for (const view of EVERY_VIEW) {
  const [what, , open] = view;
  // What opens over the page is not printed.
  if (open === undefined || what === 'cause')
    t.test(`${what}, on paper`, async (t) => {
      // The system prints in its light colours, but not where the page was set to dark.
      await showView(shared, view);
      await page.evaluate(() => {
        document.documentElement.dataset.theme = 'dark';
      });
      await page.setViewportSize({ width: SHEET, height: 1000 });
      await page.emulateMedia({ media: 'print' });
      t.same(await wrongOnPaper(page), []);
    });

  t.test(`${what}, with forced colours`, async (t) => {
    await showView(shared, view, { forcedColors: 'active' });
    t.same(await erased(page), []);
    t.same(await violations(), []);
    await page.emulateMedia({ colorScheme: 'dark' });
    t.same(await erased(page), [], 'dark');
    t.same(await violations(), [], 'dark');
    t.same(
      problems.filter((each) => !each.includes('404')),
      [],
    );
  });

  t.test(`${what}, with reduced motion`, async (t) => {
    await showView(shared, view, { reducedMotion: 'reduce' });
    t.equal(await moving(page), 0);
  });
}
