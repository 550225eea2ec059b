import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { holderOf } from '../../../src/core/saved-trace/saved-trace.ts';
import { openPage } from '../browser.ts';
import { storeHomeTrace } from '../trace-fixtures.ts';

const spanOf = (traceId: string) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'dropped' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId: '1234567890abcdef',
              name: 'GET /dropped',
              kind: 2,
              startTimeUnixNano: `${Date.now()}000000`,
              endTimeUnixNano: `${Date.now() + 5}000000`,
            },
          ],
        },
      ],
    },
  ],
});

/** Drops files on the page, as a person does from the desktop. */
async function drop(page: Page, files: Readonly<Record<string, string>>): Promise<void> {
  const transfer = await page.evaluateHandle((texts) => {
    const data = new DataTransfer();
    for (const [name, text] of Object.entries(texts)) data.items.add(new File([text], name));
    return data;
  }, files);
  await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
  await page.getByText('Drop files of OTLP JSON, or saved pages').waitFor();
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
}

atNight(t).test('a saved page that unpacks to too much is named as too large', async (t) => {
  const { page, problems } = await openPage(t, { path: '/traces' });
  await page.locator('main h1').first().waitFor();
  const large = gzipSync(Buffer.alloc(129 * 1024 ** 2, ' '));
  await drop(page, { 'large.html': holderOf(large.toString('base64')) });
  await page.getByText('the page holds more than 128 MiB').waitFor();
  t.same(problems, []);
});

t.test('files are taken in every view and before the first span', async (t) => {
  const { page, origin, store, problems } = await openPage(t, { path: '/' });
  await page.getByRole('heading', { name: 'No spans yet' }).waitFor();
  const first = 'a'.repeat(32);
  await drop(page, { 'first.json': JSON.stringify(spanOf(first)) });
  await page.waitForURL(`**/trace/${first}`);
  const { traceId } = await storeHomeTrace(store);
  let digit = 0;
  const further = ['/query', '/traces', '/logs', '/map', '/try'];
  for (const path of ['/', ...(IS_NIGHT ? further : []), `/trace/${traceId}`]) {
    await page.goto(origin + path);
    await page.locator('main h1').first().waitFor();
    const ids = [`b${digit}`.padEnd(32, '0'), `c${digit}`.padEnd(32, '0')];
    digit += 1;
    await drop(page, {
      'one.json': JSON.stringify(spanOf(ids[0] ?? '')),
      'two.json': JSON.stringify(spanOf(ids[1] ?? '')),
    });
    await page.waitForURL('**/traces');
    await page.getByText('1 span imported from two.json').waitFor();
    for (const id of ids)
      t.equal((await fetch(`${origin}/api/traces/${id}/outline`)).status, 200, `${path}: ${id}`);
  }
  const zipkin = { traceId: 'd'.repeat(32), id: '1', timestamp: Date.now() * 1000, duration: 7 };
  await drop(page, { 'zipkin.json': JSON.stringify([zipkin]) });
  await page.waitForURL(`**/trace/${zipkin.traceId}`);
  for (const content of ['', '{"hello":1}', '[1]']) {
    await drop(page, { 'nothing.json': content });
    await page.locator('.dropped .error-text', { hasText: 'nothing.json' }).waitFor();
    await page.getByRole('button', { name: 'Put away' }).click();
  }
  await drop(page, { 'broken.json': '{' });
  await page.locator('.dropped .error-text', { hasText: 'broken.json' }).waitFor();
  await page.getByRole('button', { name: 'Put away' }).click();
  await page.locator('.dropped').waitFor({ state: 'detached' });
  problems.length = 0; // the console names the refused request
});

t.test(
  'a run that gzip has compressed is taken, and of a damaged file the part before the damage',
  async (t) => {
    const { page, problems } = await openPage(t, { path: '/traces' });
    const lines = ['b', 'c', 'd'].map((digit) => JSON.stringify(spanOf(digit.repeat(32))));
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Import' }).click();
    const input = page.getByRole('dialog', { name: 'Import' }).locator('input[type=file]');
    await input.waitFor({ state: 'attached' });
    const file = (name: string, content: string | Buffer) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(content),
    });
    const damaged = [lines[0], lines[1], lines[2]?.replace('"traceId":"', '"traceId":')].join('\n');
    await input.setInputFiles(file('damaged.jsonl', damaged));
    await page.getByText('The store has the part before it: 2 spans.').waitFor();
    await input.setInputFiles(file('torn.gz', gzipSync(lines.join('\n')).subarray(0, 60)));
    await page.getByText('torn.gz: it is compressed with gzip, and damaged.').waitFor();
    await input.setInputFiles(file('main.gz', gzipSync(lines.join('\n'))));
    await page.getByText('1 span imported from main.gz. 2 were there already.').waitFor();
    t.match(
      problems.length,
      2,
      'the browser reports the refused requests alone: joined, then the damaged one',
    );
  },
);
