import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { decodeParts } from '../../../../src/core/receiver/decode/decode-parts.ts';
import { readRules } from '../../../../src/parts/sampling/server/rules/read-rules.ts';
import { readStretch, readTraffic } from '../../../../src/parts/sampling/server/traffic.ts';
import { temporaryStore } from '../../../spans.ts';

const folder = new URL('products/', import.meta.url);
const load = gunzipSync(readFileSync(new URL('load.jsonl.gz', folder))).toString();
const kept: readonly string[] = JSON.parse(readFileSync(new URL('load.jsonl.gz.kept.json', folder), 'utf8'));
const sampler = readFileSync(
  new URL('../../../../../../deploy/collector/sampler.yaml', import.meta.url),
  'utf8',
);

t.test('a load through agent, gateway and two samplers: each trace is kept that they kept', async (t) => {
  const store = await temporaryStore(t);
  for (const line of load.split('\n')) {
    const body = { signals: ['traces'], bytes: Buffer.from(line), encoding: 'json' } as const;
    for (const part of decodeParts(body)) if (part !== undefined) await store.write(part);
  }
  // As `bench collector` sets it.
  const text = sampler.replace('SLOW_MS:-1000', 'SLOW_MS:-300');
  const traffic = await readTraffic(store, await readStretch(store, { start: 0n, end: 2n ** 62n }));
  const { decisions } = await readRules({ name: 'sampler.yaml', text }, store.fields()).decide(traffic, true);
  const [own, spans, weighted] = [[] as string[], [] as number[], [] as number[]];
  for (const [trace, id] of traffic.traceIds.entries()) {
    if (decisions.kept[trace] !== 1) continue;
    own.push(id);
    spans.push(traffic.volumes.spans[trace] ?? 0);
    weighted.push((traffic.volumes.spans[trace] ?? 0) * (decisions.rate[trace] ?? 0));
  }
  t.same(own.sort(), kept);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  t.match({ spans: sum(spans), weighted: sum(weighted) }, { spans: 533, weighted: 4628 }, 'as they printed');
});
