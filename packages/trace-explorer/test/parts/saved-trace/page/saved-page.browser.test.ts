import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { readSavedTrace } from '../../../../src/core/saved-trace/saved-trace.ts';
import { openPage } from '../../../page/browser.ts';
import { choose } from '../../../page/choose.ts';
import { eachLook } from '../../../page/looks.ts';
import type { HomeTraceOptions } from '../../../page/trace-fixtures.ts';
import { storeHomeTrace, storeLargeTrace } from '../../../page/trace-fixtures.ts';
import { storeLogs } from '../../../spans.ts';
import { showTrace } from '../../trace/page/open-trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'trace-explorer-saved-'));
t.teardown(() => rmSync(folder, { recursive: true }));

const open = await openPage(t, { path: false });
const { page, origin, store, problems, reset, violations } = open;

/** A trace of the home feed as a page, opened from its file. */
async function openSaved(t: Test, trace: HomeTraceOptions = { failing: true }, search = '') {
  const { traceId, ids } = await storeHomeTrace(store, trace);
  await storeLogs(store, [
    { traceId, spanId: ids.users ?? '', body: 'the pool is empty', attributes: { size: 3 } },
  ]);
  const file = join(folder, `${traceId}.html`);
  writeFileSync(file, await (await fetch(`${origin}/api/traces/${traceId}/page${search}`)).text());
  await reset();
  // The explorer's page may still ask for something.
  await page.goto('about:blank');
  const requests: string[] = [];
  const note = (request: { url(): string }) => void requests.push(request.url());
  page.on('request', note);
  t.teardown(() => void page.off('request', note));
  await page.goto(pathToFileURL(file).href);
  await page.locator('.span-row').first().waitFor();
  return { traceId, ids, requests: () => requests.slice(1) };
}

t.test('a saved page shows the whole trace view from its file, without a request', async (t) => {
  const { ids, requests } = await openSaved(t);
  t.equal(await page.locator('.span-row').count(), 8);
  await page.getByText('database is locked').first().waitFor();
  await page.locator('.findings').first().waitFor();

  const search = page.getByLabel('Search spans');
  // A page that is drawn on a busy machine listens for keys a moment later.
  await until(async () => {
    await page.keyboard.press('/');
    return search.evaluate((field) => field === document.activeElement);
  });
  await page.keyboard.type('home-result');
  await page.getByText('1 of 1').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.keyboard.press('e');
  const panel = page.getByRole('complementary', { name: 'Selected span' });
  await panel.waitFor();
  t.match(new URL(page.url()).searchParams.get('span'), /[0-9a-f]{16}/);
  await page.getByRole('row', { name: /^GET \/api\/users, user-lookup/ }).click();
  t.equal(new URL(page.url()).searchParams.get('span'), ids.users);
  await panel.getByText('service.name').first().waitFor();
  await panel.getByRole('tab', { name: 'Events, logs 2' }).click();
  await panel.getByText('the pool is empty').waitFor();
  t.equal(await panel.getByRole('tab', { name: 'Durations' }).count(), 0, 'which needs other traces');
  await panel.getByRole('tab', { name: 'JSON' }).click();
  await panel.getByText('"resourceSpans"').waitFor();
  await page.keyboard.press('c');
  await page.getByRole('button', { name: 'Critical path', pressed: true }).waitFor();
  await page.getByRole('button', { name: 'Colours, columns …' }).click();
  await choose(page.getByRole('combobox', { name: /^Colour/ }), 'span.kind');
  await page.keyboard.press('Escape');
  await page.getByRole('radio', { name: /^Logs 1/ }).check();
  await page.getByRole('region', { name: 'Log lines of the trace' }).getByText('the pool is empty').waitFor();

  t.equal(await page.locator('a[href^="/"]').count(), 0, 'no link leads to an explorer');
  t.same(requests(), []);
  t.same(problems, []);
});

t.test('a saved page says whence, when and what is redacted, and leads back to the same span', async (t) => {
  const trace = { failing: true };
  const { traceId, ids, requests } = await openSaved(t, trace, '?redact=db.statement&redact=exception.*');
  const note = page.getByRole('banner');
  await note.getByText(`from ${origin}`).waitFor();
  await note.getByText('Redacted: db.statement, exception.*').waitFor();
  t.match(await note.locator('time').getAttribute('datetime'), /^\d{4}-\d\d-\d\dT/);
  await page.getByRole('row', { name: /^GET \/api\/users, user-lookup/ }).click();
  const link = note.getByRole('link', { name: 'Open in that explorer' });
  t.equal(await link.getAttribute('href'), `${origin}/trace/${traceId}?span=${ids.users}`);
  t.same(requests(), []);
  await link.click();
  await page.waitForURL(`${origin}/trace/${traceId}?span=${ids.users}`);
  await page.getByRole('complementary', { name: 'Selected span' }).waitFor();
  t.equal(await page.locator('.saved-note').count(), 0);
});

t.test('a call of a model is a conversation on a saved page too', async (t) => {
  const messages = JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'Is it late?' }] }]);
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': messages };
  const { requests } = await openSaved(t, {
    extra: [{ service: 'model', name: 'chat', kind: 3, attributes }],
  });
  await page.getByRole('row', { name: /^chat, model/ }).click();
  await page.getByRole('tab', { name: 'Conversation' }).click();
  await page.getByRole('tabpanel').getByText('Is it late?').waitFor();
  t.same(requests(), []);
  t.same(problems, []);
});

t.test('a saved page is accessible in light, dark and at 400 px', async (t) => {
  await openSaved(t);
  await page.locator('.span-row').nth(3).click();
  await page.getByRole('complementary', { name: 'Selected span' }).waitFor();
  await eachLook(page, async (_look, name) => {
    t.same(await violations(), [], name);
  });
});

if (IS_NIGHT)
  t.test('10,000 spans are shown, searched and selected', async () => {
    await reset();
    const traceId = await storeLargeTrace(store, 10_000);
    const file = join(folder, 'large.html');
    writeFileSync(file, await (await fetch(`${origin}/api/traces/${traceId}/page`)).text());
    await page.goto(pathToFileURL(file).href);
    await page.locator('.span-row').first().waitFor();
    await page.getByLabel('Search spans').fill('step 39');
    await page.getByText('1 of 250').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('2 of 250').waitFor();
    await page.getByRole('complementary', { name: 'Selected span' }).getByText('step 39').first().waitFor();
  });

t.test(
  'saving names fields that look secret, and leaves their values out unless they are asked for',
  async (t) => {
    await showTrace(open, {
      trace: {
        extra: [
          {
            name: 'with a key',
            attributes: {
              'http.request.header.authorization': 'Bearer 12345',
              'code.file.path': 'src/orders.js',
            },
          },
        ],
      },
    });
    const download = async () => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Page (.html)' }).click(),
      ]);
      return readFileSync(await file.path(), 'utf8');
    };
    await page.getByRole('button', { name: 'Save …' }).click();
    const names = page.getByLabel('Fields to redact');
    await names.waitFor();
    t.equal(await names.inputValue(), 'http.request.header.authorization');
    const html = await download();
    t.notMatch(JSON.stringify(await readSavedTrace(html)), /Bearer 12345|orders\.js/);
    await page.getByLabel('With the lines of code').check();
    t.match(JSON.stringify(await readSavedTrace(await download())), 'src/orders.js');
    await names.fill('db.statement, no.such, http.request.header.*');
    await download();
    await page.getByText('No field of this trace has the name no.such', { exact: false }).waitFor();
    await names.fill('');
    await page.getByText('These fields look secret: http.request.header.authorization').waitFor();

    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Import …' }).click();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('dialog', { name: 'Import' }).getByRole('button', { name: 'Choose files …' }).click(),
    ]);
    await chooser.setFiles({ name: 'trace.html', mimeType: 'text/html', buffer: Buffer.from(html) });
    await page.getByText(/spans? imported from trace\.html/).waitFor();
  },
);
