import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { decodeParts } from '../../../../src/core/receiver/decode/decode-parts.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import type { Decisions } from '../../../../src/parts/sampling/server/decide/decisions.ts';
import { readRules } from '../../../../src/parts/sampling/server/rules/read-rules.ts';
import type { Traffic } from '../../../../src/parts/sampling/server/traffic.ts';
import { readStretch, readTraffic } from '../../../../src/parts/sampling/server/traffic.ts';
import { temporaryStore } from '../../../spans.ts';

type Expected = Record<
  string,
  Record<string, number | [rule: string, rate: number, key: string, kept: string]>
>;

const RUNS = 20;
const folder = new URL('products/', import.meta.url);
const unpacked = (name: string) => gunzipSync(readFileSync(new URL(name, folder)));
const decisions: Expected = JSON.parse(unpacked('decisions.json.gz').toString());
const textOf = (name: string) => readFileSync(new URL(`${name}.yaml`, folder), 'utf8');
const all = { start: 0n, end: 2n ** 62n };

/** A store with the recording. */
async function recorded(t: { teardown(fn: () => unknown): void }): Promise<SpanStore> {
  const store = await temporaryStore(t);
  const body = { signals: ['traces'], bytes: unpacked('shop.json.gz'), encoding: 'json' } as const;
  for (const part of decodeParts(body)) if (part !== undefined) await store.write(part);
  return store;
}

function byTrace({ traceIds }: Traffic, name: string) {
  return traceIds.map((id, trace) => ({ id, trace, expected: decisions[name]?.[id] }));
}

t.test('the Collector: what it kept in each of 20 runs is kept, what it never kept is not', async (t) => {
  const store = await recorded(t);
  const names = Object.keys(decisions).filter((name) => name.startsWith('collector'));
  t.equal(names.length, 6);
  for (const name of names) {
    const rules = readRules({ name, text: textOf(name) }, store.fields());
    const traffic = await readTraffic(store, await readStretch(store, all));
    t.same([...rules.notes], [], name);
    const { decisions: shown, others = [] } = await rules.decide(traffic, false);
    for (const [order, { kept }] of [shown, ...others].entries()) {
      const wrong = byTrace(traffic, name).filter(({ trace, expected }) =>
        expected === 0 || expected === RUNS ? (kept[trace] === 1) !== (expected === RUNS) : false,
      );
      t.same(wrong, [], `${name}, order ${order}`);
      const [sure, possible] = [RUNS, 1].map(
        (least) => byTrace(traffic, name).filter(({ expected }) => Number(expected) >= least).length,
      );
      const number = kept.reduce((sum, each) => sum + each, 0);
      t.ok(number >= Number(sure) && number <= Number(possible), `${number} from ${sure} to ${possible}`);
    }
  }
});

t.test(
  'Refinery: rule, rate and key of each trace are its own, and what is sure is kept or dropped',
  async (t) => {
    const store = await recorded(t);
    const names = Object.keys(decisions).filter((name) => name.startsWith('refinery'));
    t.equal(names.length, 7);
    for (const name of names) {
      const rules = readRules({ name, text: textOf(name) }, store.fields());
      const traffic = await readTraffic(store, await readStretch(store, all));
      const found = (await rules.decide(traffic, false)).decisions;
      const wrong = byTrace(traffic, name).flatMap(({ id, trace, expected }) => {
        const own = [found.rule[trace], found.rate[trace], found.key[trace], wordOf(found, trace)];
        return JSON.stringify(own) === JSON.stringify(expected) ? [] : [{ id, own, expected }];
      });
      t.same(wrong, [], name);
    }
  },
);

function wordOf({ kept, rate }: Decisions, trace: number): string {
  if (kept[trace] === 0) return 'no';
  return kept[trace] === 1
    ? 'yes'
    : Math.abs((kept[trace] ?? 0) * (rate[trace] ?? 0) - 1) < 1e-9
      ? 'chance'
      : 'wrong';
}
