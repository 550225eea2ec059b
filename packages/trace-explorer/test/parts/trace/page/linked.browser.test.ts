import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import t from 'tap';
import { renderMermaid } from '../../../../src/core/command/terminal/render-mermaid.ts';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { call, connect } from '../../../core/tools/agent.ts';
import { at, ids } from '../../../explorer.ts';
import { openPage } from '../../../page/browser.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { storeSpans } from '../../../spans.ts';

const open = await openPage(t, { path: false });
const { page, origin, store, problems, violations, visit } = open;
const id = ids();
const queue = { 'messaging.destination.name': 'mail' };

/** A request that sends a message, in a trace of its own. */
const request = (nth: number) => {
  const traceId = id(`request ${nth}`, 16);
  const root = { traceId, spanId: id(`root ${nth}`), name: 'POST /orders', service: 'api', kind: 2 };
  const send = { traceId, spanId: id(`send ${nth}`), parentSpanId: root.spanId, service: 'api', kind: 4 };
  return [
    { ...root, start: at(nth * 10), durationMs: 30 },
    { ...send, name: 'send mail', start: at(nth * 10), durationMs: 5, attributes: queue },
  ];
};
const batch = { traceId: id('batch', 16), spanId: id('process') };

t.test('a batch shows its fifty messages below it, in one row, and each sender shows its job', async (t) => {
  const messages = Array.from({ length: 50 }, (_, nth) => nth);
  await storeSpans(store, messages.flatMap(request));
  const links = messages.map((nth) => ({ traceId: id(`request ${nth}`, 16), spanId: id(`send ${nth}`) }));
  const process = {
    ...batch,
    name: 'process mail',
    service: 'worker',
    kind: 5,
    start: at(2_005),
    attributes: queue,
    links,
  };
  await storeSpans(store, [{ ...process, durationMs: 300 }]);
  const row = (name: string) => page.locator('.span-row', { hasText: name });

  await visit(`/trace/${batch.traceId}`);
  await row('process mail').waitFor();
  const chip = row('process mail').locator('.links-chip');
  t.equal(await shownText(chip), '← 50 jobs from other traces');
  await page.keyboard.press('o');
  await row('send mail').waitFor();
  t.equal(await page.locator('.span-row').count(), 2, 'fifty messages are one row');
  t.match(await row('send mail').locator('.bar-wait').getAttribute('title'), /waited up to 2\.00 s in mail/);
  t.match(page.url(), /links=shown/);
  t.match(await shownText(page.locator('.trace-facts')), /1 span/, 'the trace has its own spans');
  t.strictSame(await violations(), []);
  await row('send mail').locator('.fold').click();
  await row('send mail').nth(3).click();
  t.match(await shownText(page.locator('.span-panel')), /Of another trace\. Open it/);
  await page.locator('.span-panel').getByText('Open it').click();
  await row('POST /orders').waitFor();
  await page.setViewportSize({ width: 240, height: 800 });
  const overflow = await row('send mail')
    .locator('.links-chip')
    .evaluate((each) => (each.scrollWidth > each.clientWidth ? getComputedStyle(each).overflowX : 'clip'));
  t.equal(overflow, 'clip', 'where it is cut, its words do not lie over what stands beside it');
  await page.setViewportSize({ width: 1280, height: 800 });
  t.equal(await shownText(row('send mail').locator('.links-chip')), '→ 1 job in another trace');
  await row('send mail').locator('.links-chip').click();
  await row('process mail').waitFor();
  t.match(await row('process mail').getAttribute('aria-label'), /waited 1\.\d\d s in mail/);
  t.strictSame(await violations(), []);
  await row('send mail').locator('.links-chip').click();
  t.equal(await row('process mail').count(), 0);
  t.strictSame(problems, []);

  // The same in a saved file, in a diagram and for agents.
  const file = join(t.testdir(), 'batch.html');
  writeFileSync(file, await (await fetch(`${origin}/api/traces/${batch.traceId}/page`)).text());
  await page.goto(pathToFileURL(file).href);
  await row('process mail').locator('.links-chip').click();
  await row('send mail').waitFor();
  t.match(await row('send mail').locator('.bar-wait').getAttribute('title'), /waited up to 2\.00 s in mail/);
  await row('process mail').click();
  await page.getByRole('tab', { name: 'Links 50' }).click();
  t.equal(await page.locator('.event-list', { hasText: 'send mail' }).locator('a').count(), 0);
  const outline = await (await fetch(`${origin}/api/traces/${batch.traceId}/outline`)).json();
  t.match(renderMermaid(buildModel(outline)), /waited .*mail/);
  const client = await connect(t, new StreamableHTTPClientTransport(new URL('/mcp', origin)));
  const { body } = await call(client, 'get_trace', { trace_id: batch.traceId });
  t.match(body, { spans: [{ linked_total: 50, linked: [{ name: 'send mail' }] }] });
});

t.test('each wait of a row of attempts says its own time', async (t) => {
  const traceId = id('attempts', 16);
  const span = { traceId, service: 'worker', attributes: { ...queue, 'messaging.message.id': 'a' } };
  const take = { ...span, name: 'take mail', kind: 5, parentSpanId: id('sent'), durationMs: 20 };
  await storeSpans(store, [
    { ...span, spanId: id('sent'), name: 'send mail', kind: 4, start: at(0), durationMs: 5 },
    { ...take, spanId: id('take 1'), start: at(1_000), status: 2 },
    { ...take, spanId: id('take 2'), start: at(1_300) },
  ]);
  await visit(`/trace/${traceId}`);
  const waits = page.locator('.span-row', { hasText: 'take mail' }).locator('.bar-wait');
  await waits.nth(1).waitFor({ state: 'attached' });
  t.strictSame(await waits.evaluateAll((all) => all.map((each) => (each as HTMLElement).title)), [
    'waited 995 ms in mail',
    'waited 280 ms in mail',
  ]);
  t.strictSame(problems, []);
});
