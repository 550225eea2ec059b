import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { demoTraces } from '../../../../testing/demo-data/index.ts';
import { openPage } from '../../../page/browser.ts';
import { shownText, storeLargeTrace } from '../../../page/trace-fixtures.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { chooseDrawn, showTrace } from './open-trace.ts';

// At night too: with a larger trace.

/** Spans of a large trace. */
const LARGE = IS_NIGHT ? 100_000 : 20_000;

const open = await openPage(t, { path: false });
const { page, store, origin, problems, visit } = open;

t.test('once the team is known, the same trace and span are a link to Honeycomb', async (t) => {
  const { traceId, ids, goto } = await showTrace(open);
  t.equal(await page.getByRole('link', { name: 'Open in Honeycomb' }).count(), 0);
  await page.evaluate(() =>
    localStorage.setItem(
      'explorer.honeycomb',
      JSON.stringify({ team: 'us', environment: 'dev', region: 'EU' }),
    ),
  );
  await goto(`?span=${ids.users}`);
  await page.getByRole('button', { name: 'Colours, columns …' }).click();
  const href = await page.getByRole('link', { name: 'Open in Honeycomb' }).getAttribute('href');
  const url = new URL(href ?? '');
  t.equal(url.origin + url.pathname, 'https://ui.eu1.honeycomb.io/us/environments/dev/trace');
  t.equal(url.searchParams.get('trace_id'), traceId);
  t.equal(url.searchParams.get('span'), ids.users);
  t.ok(Number(url.searchParams.get('trace_start_ts')) < Date.now() / 1000);
  t.same(problems, []);
});

const scripts = [
  '<script>globalThis.hacked = true</script>',
  '"><img src=x onerror="globalThis.hacked=true">',
  'javascript:globalThis.hacked=true',
  '</title><script>globalThis.hacked=true</script>',
  '\u202eevil\u0000\u0007',
];

async function storeHostileTrace(): Promise<string> {
  const traceId = randomId(16);
  const root = randomId(8);
  const attributes = Object.fromEntries(scripts.map((script) => [script, script]));
  const start = BigInt(Date.now()) * 1_000_000n;
  await storeSpans(
    store,
    scripts.map((script, index) => ({
      traceId,
      spanId: index === 0 ? root : randomId(8),
      ...(index > 0 && { parentSpanId: root }),
      start,
      name: script,
      service: script,
      status: 2 as const,
      statusMessage: script,
      attributes,
      resource: attributes,
      events: [
        { name: script, attributes },
        { name: 'exception', attributes: { 'exception.stacktrace': script } },
      ],
      links: [{ traceId: randomId(16), spanId: randomId(8), attributes }],
    })),
  );
  return traceId;
}

t.test('a hostile trace is text and nothing else', async (t) => {
  await visit(`/trace/${await storeHostileTrace()}`);
  await page.locator('.span-row').first().waitFor();
  t.match(await shownText(page.locator('.span-row').last()), '⟨U+202E⟩evil⟨U+0000⟩⟨U+0007⟩');
  await page.keyboard.press('j');
  for (const tab of ['Fields', 'Events 2', 'Links 1', 'Durations', 'JSON']) {
    await page.getByRole('tab', { name: tab }).click();
    await page.waitForTimeout(50);
  }
  await page.getByRole('tab', { name: 'Fields' }).click();
  await page.getByRole('button', { name: `Actions for ${scripts[0]}` }).click();
  await page.getByRole('menuitem', { name: 'Show as a column' }).press('Enter');
  await page
    .locator('.span-extra', { hasText: scripts[0] ?? '' })
    .first()
    .waitFor();
  await page.goto(`${origin}/traces`);
  await page.locator('.trace-link').first().waitFor();
  await page.goto(`${origin}/traces?live=true`);
  await page.locator('.trace-link').first().waitFor();
  t.equal(await page.evaluate(() => Reflect.get(globalThis, 'hacked')), undefined);
  t.same(problems, []);
});

t.test('services of one trace differ in colour, in the waterfall, its legend and the panel', async (t) => {
  const servicesOf = ({ spans }: { spans: readonly { service?: string }[] }) =>
    new Set(spans.map(({ service }) => service));
  const trace = [...demoTraces({ spans: 4000, small: true })].find(
    (each) => each.spans.length < 30 && servicesOf(each).size >= 6,
  );
  if (trace === undefined) return t.fail('The demo data has no trace of six services.');
  // A store of its own: among a hundred services two of one trace may look alike.
  const { page, problems } = await openPage(t, {
    path: `/trace/${trace.spans[0]?.traceId}`,
    width: 1600,
    height: 1200,
    fill: (store) => storeSpans(store, trace.spans),
  });
  await page.locator('.span-row').first().waitFor();
  // From the ninth service on a hue returns, with a hollow mark.
  const marks = (selector: string) =>
    page.locator(selector).evaluateAll((all) => {
      const looks = all.map((each) => {
        const { backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(each);
        return `${backgroundColor} ${borderTopWidth} ${borderTopColor}`;
      });
      return [...new Set(looks)];
    });
  const all = await marks('.span-row .service-mark');
  t.equal(all.length, servicesOf(trace).size);
  t.same(
    (await marks('.span-panel .service-mark')).filter((each) => !all.includes(each)),
    [],
  );
  t.same(problems, []);
});

t.test('a large trace: only rows in sight are drawn, and every one can be reached', async (t) => {
  await visit(`/trace/${await storeLargeTrace(store, LARGE)}`);
  await page.locator('.span-row').first().waitFor();
  t.ok((await page.locator('.span-row').count()) < 80);
  t.equal(await page.locator('[role=treegrid]').getAttribute('aria-rowcount'), String(LARGE + 1));
  await page.locator('[role=treegrid]').press('End');
  await page.locator(`.span-row[aria-selected=true][aria-rowindex='${LARGE + 1}']`).waitFor();
  t.ok((await page.locator('.span-row').count()) < 80);
  await page.keyboard.press('e');
  const selectedError = page.locator('.span-row[aria-selected=true] .error-mark');
  await selectedError.waitFor(); // far away: its row is drawn after the list has scrolled
  t.equal(await selectedError.count(), 1);
  await chooseDrawn(open, 'Levels', '2');
  await page.waitForFunction(
    () => document.querySelector('[role=treegrid]')?.getAttribute('aria-rowcount') === '10',
  );
  t.same(problems, []);
});

t.test('a trace that is not here yet appears by itself; one that grows says so', async (t) => {
  const traceId = randomId(16);
  const root = randomId(8);
  await visit(`/trace/${traceId}`);
  await page.getByText('No span of this trace is here yet').waitFor();
  await storeSpans(store, [{ traceId, spanId: root, name: 'first' }]);
  await page.locator('.span-row', { hasText: 'first' }).waitFor();
  await storeSpans(store, [{ traceId, parentSpanId: root, name: 'second' }]);
  await page.getByText('1 more span has arrived.').waitFor();
  await page.getByRole('button', { name: 'Show' }).click();
  await page.locator('.span-row', { hasText: 'second' }).waitFor();
  t.same(problems, []);
});
