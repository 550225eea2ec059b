import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { TraceSummary } from '../../packages/trace-explorer/src/core/traces/list/summaries.ts';
import { ROOT } from '../../tools/root.ts';
import type { Addresses } from './addresses.ts';

export const SCHEMES = ['light', 'dark'] as const;
/** Time for spans to come: a batch is sent some hundred milliseconds after its first span. */
export const ARRIVAL_MS = 1500;

export interface Picture {
  /** Pixels. */
  readonly height: number;
  /** Both when left out. */
  readonly schemes?: readonly (typeof SCHEMES)[number][];
  /** Brings the page into the state of the picture. */
  readonly show: (page: Page) => Promise<void>;
}

/**
 * The pictures of the documents by the names of their files below docs/images, without `-light` and `-dark`.
 * @param seconds length of the traffic that the pictures show
 */
export function pictures(
  addresses: Pick<Addresses, 'page' | 'api'>,
  seconds: number,
): Record<string, Picture> {
  const at = (path: string) => new URL(path, addresses.page).href;
  /** A late span of a busy machine would hide the shape of a trace, so the quickest of the newest whole ones is shown. */
  const quickHome = () => quickestWhole(at('/api/traces?name=GET%20/api/activities/home&limit=20'));
  /** Asks for the feed with a fault; the id of its trace, once its spans have come. */
  const faultyHome = async (fault: string) => {
    const headers = { 'tandem.fault': fault };
    const answer = await fetch(new URL('/api/activities/home', addresses.api), { headers });
    const [, id] = answer.headers.get('traceresponse')?.split('-') ?? [];
    await answer.arrayBuffer();
    await sleep(ARRIVAL_MS);
    return id;
  };
  const open = async (page: Page, path: string, awaited: string) => {
    await page.goto(at(path));
    await page.locator(awaited).first().waitFor();
  };
  const openQuery = (page: Page, query: object, awaited: string) =>
    open(page, `/query?${new URLSearchParams({ query: JSON.stringify(query) })}`, awaited);
  const showQuery = async (page: Page, slug: string, atEnd = false) => {
    const text = readFileSync(join(ROOT, 'honeycomb', 'queries', `${slug}.json`), 'utf8');
    await openQuery(page, { ...JSON.parse(text), time_range: seconds + 60 }, 'table tbody tr');
    if (atEnd) await scrollToEnd(page);
  };
  return {
    overview: { height: 720, show: (page) => open(page, `/?last=${seconds + 60}`, '.cause-link') },
    trace: {
      height: 640,
      async show(page) {
        await page.goto(at(`/trace/${await quickHome()}`));
        await page.getByText('SELECT users').first().click();
      },
    },
    logs: {
      height: 640,
      async show(page) {
        await page.goto(at('/logs'));
        await page.locator('.log-rows .log-line').nth(2).click();
      },
    },
    query: {
      height: 1100,
      async show(page) {
        const query = {
          calculations: [{ op: 'HEATMAP', column: 'duration_ms' }],
          filters: [{ column: 'span.kind', op: '=', value: 'server' }],
          time_range: seconds + 20,
        };
        await openQuery(page, query, '.heatmap-grid');
        const heatmap = await page.locator('.heatmap-grid').boundingBox();
        if (heatmap === null) throw new Error('The query view has no heatmap.');
        const { x, y, width, height } = heatmap;
        await page.mouse.move(x + width * 0.2, y + 2);
        await page.mouse.down();
        await page.mouse.move(x + width * 0.6, y + height * 0.2, { steps: 8 });
        await page.mouse.up();
        await page.getByRole('button', { name: 'BubbleUp' }).click();
        await page.locator('.bubbleup-field').first().waitFor();
        await page.mouse.move(0, 0);
      },
    },
    map: { height: 600, show: (page) => open(page, '/map?time_range=600', '.map-drawing .map-hit') },
    'guide/attributes': {
      ...inGuide(600),
      async show(page) {
        await page.goto(at(`/trace/${await quickHome()}`));
        await page.getByText('home-result-activities').first().click();
        await page.locator('.span-panel').getByText('app.result_length').first().waitFor();
      },
    },
    'guide/app-now': { ...inGuide(640), show: (page) => showQuery(page, 'app-now') },
    'guide/latency-by-user': { ...inGuide(480), show: (page) => showQuery(page, 'latency-by-user', true) },
    'guide/sampling': { ...inGuide(720), show: (page) => open(page, '/sampling?slower=250', 'td a') },
    'guide/queue': {
      ...inGuide(560),
      async show(page) {
        const traces = readFileSync(join(ROOT, 'examples/queue/traces.jsonl'), 'utf8').trim().split('\n');
        const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
        for (const body of traces) await fetch(at('/api/import'), { ...init, body });
        const [, batch] = /"traceId":"(\w+)"/.exec(traces[0] ?? '') ?? [];
        await open(page, `/trace/${batch}?links=shown`, '.bar-wait');
      },
    },
    // These send requests of their own, which the pictures before are not to have.
    try: {
      height: 900,
      async show(page) {
        await page.goto(at('/try'));
        await page.getByRole('button', { name: 'Slow user-lookup' }).click();
        await page.locator('.span-row').nth(4).waitFor();
      },
    },
    findings: {
      height: 560,
      async show(page) {
        await page.goto(at(`/trace/${await faultyHome('activities-api:n-plus-one')}`));
        await page.locator('.findings button').first().click();
      },
    },
    'guide/broken': {
      ...inGuide(560),
      async show(page) {
        await page.goto(at('/try'));
        await page.getByRole('button', { name: 'A hop that drops the context' }).click();
        await page.getByText('SELECT users').first().waitFor();
        await scrollToEnd(page);
      },
    },
    'guide/log-lines': {
      ...inGuide(700),
      show: async (page) =>
        open(page, `/trace/${await faultyHome('activities-api:log-levels')}?logs=list`, '.log-line'),
    },
  };
}

/** Common settings of the guide's pictures. */
function inGuide(height: number): Pick<Picture, 'height' | 'schemes'> {
  return { height, schemes: ['light'] };
}

async function quickestWhole(url: string): Promise<string | undefined> {
  const { traces } = (await (await fetch(url)).json()) as { readonly traces: readonly TraceSummary[] };
  const whole = traces.filter(({ spans, errors }) => spans === 7 && errors === 0);
  return whole.sort((a, b) => a.duration_ms - b.duration_ms)[0]?.trace_id;
}

async function scrollToEnd(page: Page): Promise<void> {
  await page.mouse.move(640, 300);
  await page.mouse.wheel(0, 5000);
}
