import { existsSync, readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import t from 'tap';
import { saidOf } from '../../../src/core/problems/said.ts';
import type { Cause } from '../../../src/core/problems/schemas.ts';
import { countOf } from '../../../src/core/problems/units.ts';
import { decodeParts } from '../../../src/core/receiver/decode/decode-parts.ts';
import { placeText } from '../../../src/core/traces/model/code-place.ts';
import { whatIsWrong } from '../../../src/parts/causes/tools/causes.ts';
import type { VerdictProblem } from '../../../src/parts/report/server/verdict/schemas.ts';
import { temporaryExplorer } from '../../explorer.ts';
import { RUNS } from './runs/expected.ts';

/** Of thirteen faults, ten of them beside the busy programs, too: so many are found at least, and so many with the right line. */
const FOUND = { quiet: 11, busy: 8 };
const LINES = { quiet: 8, busy: 6 };
/** Sentences of endings that are false, at most; apps that have the same problems on a quiet and on a busy machine, at least. */
const FALSE = { quiet: 0, busy: 0 };
const SAME = 13;

const LOADS = ['quiet', 'busy'] as const;
type Load = (typeof LOADS)[number];

/** A problem, as some road tells it. */
interface Told {
  readonly rule: string;
  readonly sentence: string;
  readonly service: string;
  readonly line: string;
  readonly fact: boolean;
  /** How many requests, messages or jobs have it. */
  readonly count: number;
}

t.setTimeout(600_000); // on a busy machine

const { store, get } = await temporaryExplorer(t);
const ask = async (path: string) => (await get(path)).body;

/** Stores the spans of a recorded run. @returns when they began and ended, in seconds since the epoch */
async function load(app: string, load: Load): Promise<{ from: number; until: number } | undefined> {
  const file = new URL(`runs/${load}/${app}.json.br`, import.meta.url);
  if (!existsSync(file)) return undefined;
  const bytes = brotliDecompressSync(readFileSync(file));
  for (const part of decodeParts({ signals: ['traces'], bytes, encoding: 'json' }))
    if (part !== undefined) await store.write(part);
  const times = [...bytes.toString().matchAll(/TimeUnixNano":"(\d+)"/g)].map(
    ([, time]) => Number(time) / 1e9,
  );
  const [from, until] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  return { from: Math.floor(from), until: Math.ceil(until) };
}

/** What each road tells of a run. */
async function roadsOf(run: string, { from, until }: { from: number; until: number }) {
  const verdict = await ask(`/api/verdict?run=${encodeURIComponent(run)}&known=true`);
  const { causes: reported } = await ask(`/api/report?run=${encodeURIComponent(run)}`);
  const { causes } = await ask(`/api/causes?start_time=${from}&end_time=${until}`);
  const known = async (path: string) => (path.startsWith('/api/verdict') ? verdict : ask(path));
  const agents = await whatIsWrong.run({ run }, { ask: known, page: 'http://explorer' } as never);
  const all = agents.causes as readonly (VerdictProblem & { how_many: string })[];
  return {
    ending: (verdict.causes as VerdictProblem[]).map((cause) => ({ ...toldOf(cause), count: cause.seen })),
    report: (reported as VerdictProblem[]).map((cause) => toldOf(cause)),
    what_is_wrong: all.map((cause) => toldOf(cause)),
    causes: (causes as Cause[]).map((cause) => ({
      ...toldOf(cause),
      sentence: saidOf(cause, true),
      count: countOf(cause).count,
    })),
  };
}

/** A problem without its numbers; the ending of a run with one service leaves that out. */
function toldOf({ rule, sentence, service = '', fact = false, ...place }: Partial<VerdictProblem>): Told {
  return { rule: `${rule}`, sentence: `${sentence}`, service, line: placeText(place), fact, count: 0 };
}

/** What a list says, for a reader who knows the service. */
function wordsOf(list: readonly Told[], service: string): string[] {
  const known = (sentence: string) =>
    sentence
      .replaceAll(`in ${service} itself`, 'by itself')
      .replaceAll(new RegExp(` (?:of|in) ${service}\\b`, 'g'), '')
      .replaceAll(`${service} stood`, 'The service stood');
  return list.map(
    ({ rule, sentence, line, fact }) => `${fact ? 'fact ' : ''}${rule}: ${known(sentence)} (${line})`,
  );
}

/** A row of the table: what an ending says, and whether it is right. */
function rowOf(app: string, ending: readonly Told[]) {
  const { fault, at = [], also } = RUNS[app] ?? {};
  const problems = ending.filter(({ fact }) => !fact);
  const found = fault === undefined ? [] : problems.filter(({ sentence }) => fault.test(sentence));
  const isTrue = ({ sentence }: Told) => fault?.test(sentence) === true || also?.test(sentence) === true;
  return {
    isFound: found.length > 0,
    hasLine: found.some(({ line }) => at.includes(line)),
    wrong: problems.filter((problem) => !isTrue(problem)).map(({ sentence }) => sentence),
    rules: [...new Set(problems.map(({ rule }) => rule))].toSorted().join(' '),
  };
}

t.test('problems of recorded apps are told alike on all roads, found, and true', async (t) => {
  const rows = new Map<string, Partial<Record<Load, ReturnType<typeof rowOf>>>>();
  for (const app of Object.keys(RUNS))
    for (const machine of LOADS) {
      const range = await load(app, machine);
      if (range === undefined) continue;
      await t.test(`${app} ${machine}`, async (t) => {
        const { ending, report, causes, what_is_wrong } = await roadsOf(`${app} ${machine}`, range);
        rows.set(app, { ...rows.get(app), [machine]: rowOf(app, ending) });
        const [{ service } = { service: '' }] = ending;
        t.same(wordsOf(what_is_wrong, service), wordsOf(ending, service), 'what_is_wrong');
        t.same(wordsOf(report, service), wordsOf(ending, service), 'report');
        t.same(wordsOf(causes, service), wordsOf(ending, service), 'causes');
        t.same(
          causes.map(({ count }) => count),
          ending.map(({ count }) => count),
          'causes: how many',
        );
      });
    }
  const sum = (of: (row: ReturnType<typeof rowOf>) => number, machine: Load) =>
    [...rows.values()].reduce((all, row) => all + (row[machine] ? of(row[machine]) : 0), 0);
  // The table: what each ending says.
  for (const machine of LOADS) {
    const found = sum(({ isFound }) => Number(isFound), machine);
    const lines = sum(({ hasLine }) => Number(hasLine), machine);
    const wrong = sum((row) => row.wrong.length, machine);
    t.comment(`${machine}: ${found} found, ${lines} with the right line, ${wrong} false sentences`);
    for (const [app, row] of rows) if (row[machine]) t.comment(`  ${app}: ${JSON.stringify(row[machine])}`);
    t.ok(found >= FOUND[machine], `${machine}: found ${found}`);
    t.ok(lines >= LINES[machine], `${machine}: lines ${lines}`);
    t.ok(wrong <= FALSE[machine], `${machine}: false ${wrong}`);
  }
  const both = [...rows.values()].filter(({ quiet, busy }) => quiet && busy);
  const same = both.filter(({ quiet, busy }) => quiet?.rules === busy?.rules).length;
  t.comment(`the same problems beside both machines: ${same} of ${both.length}`);
  t.ok(same >= SAME, `the same: ${same}`);
});
