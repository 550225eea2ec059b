import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import type { CodeLocation } from '../../../../core/traces/read/code-location.ts';
import { readCodeLocations } from '../../../../core/traces/read/code-location.ts';
import { isOfFailure } from '../../../causes/server/causes-of.ts';
import type { SeenCause, Sight } from '../cause-sights.ts';
import { withoutAbove } from '../compare-tests.ts';
import { newsBetween, OF_TIME, requestsOf } from '../news.ts';
import { OUTSIDE } from '../operations.ts';
import type { RunReading, RunScope } from '../read-run.ts';
import { readRun } from '../read-run.ts';
import type { TestReading } from '../test-reading.ts';
import { readCalls, readTotals } from './counts.ts';
import type { Verdict, VerdictCause } from './schemas.ts';
import { causeSentence } from './sentence.ts';

/** The newest traces of a run that a verdict looks at: it has to be there soon after the command's end. */
const MOST_TRACES = 5_000;
/** Causes with a line of code, and spans of each that are asked for their line. */
const MOST_LINES = { causes: 50, spans: 100 };
/** Milliseconds of lost time that weigh as much as a failed request. */
const AS_A_FAILURE_MS = 1000;

const UNITS: Readonly<Record<string, VerdictCause['unit']>> = {
  server: 'request',
  consumer: 'message',
  test: 'test',
};

/** A cause over all tests of a run. */
interface Told {
  readonly key: string;
  readonly tests: readonly TestReading[];
  readonly seen: SeenCause;
  /** Without what is left out. */
  readonly sights: readonly Sight[];
  readonly worst: Sight;
}

/** What a run says at its end. @param last the run before of the same command, where it is known */
export async function buildVerdict(
  store: SpanStore,
  scope: RunScope,
  last: RunScope | undefined,
  options: ReadOptions,
): Promise<Verdict> {
  const head = await readRun(store, scope, options, MOST_TRACES);
  const totals = await readTotals(store, scope, options);
  const base = last && (await readRun(store, last, options, MOST_TRACES));
  const isCompared = base !== undefined && base.tests.size > 0;
  const tests = [...head.tests.values()].filter(({ key }) => key !== OUTSIDE);
  const failing = withoutAbove(
    tests.filter(({ failure }) => failure !== '').map((test) => ({ test: test.label, of: test })),
  );
  const isAlone = totals.services === 1;
  const told = toldBy(head).toSorted((a, b) => weightOf(b) - weightOf(a));
  const news = isCompared ? newsBetween(base, head) : undefined;
  const context: Context = {
    head,
    isNew: ({ key, seen }, owners) =>
      news !== undefined && !hasCause(base, key) && owners.some((owner) => news.isNew(owner, seen)),
    counts: requestsOf(head),
    before: base && requestsOf(base),
    isAlone,
    lines: await linesOf(store, told, options),
  };
  const causes = [
    ...failing.map(({ of }) => failedTest(of)),
    ...told.map((each) => describe(each, context)),
  ];
  const calls = totals.requests + totals.messages === 0 && (await readCalls(store, scope, options));
  return {
    ...totals,
    truncated: head.truncated,
    ...(tests.length > 0 && { tests: { passed: tests.length - failing.length, failed: failing.length } }),
    ...(calls && calls.made > 0 && { calls }),
    compared: isCompared,
    causes: causes.toSorted((a, b) => Number(b.failure) - Number(a.failure)),
    gone: isCompared ? goneSince(base, head, isAlone) : [],
  };
}

/** The causes of a run, each with the tests that show it. */
function toldBy(run: RunReading): Told[] {
  const all = [...run.tests.values()].flatMap((test) =>
    [...test.causes, ...test.ownErrors].map(([key, seen]) => ({ key, seen, test })),
  );
  return [...Map.groupBy(all, ({ key }) => key)].flatMap(([key, [first, ...others]]) => {
    if (first === undefined) return [];
    const every = [first, ...others].flatMap(({ seen }) => seen.sights);
    const sights = OF_TIME.has(first.seen.cause.rule) ? every.filter(({ isFirst }) => !isFirst) : every;
    const tests = [first, ...others].map(({ test }) => test).filter((test) => test.key !== OUTSIDE);
    const usual = sights.filter(({ isFirst }) => !isFirst);
    const [worst] = (usual.length > 0 ? usual : sights).toSorted(
      ({ cause: a }, { cause: b }) =>
        Number(b.example !== undefined) - Number(a.example !== undefined) || b.lost_ms - a.lost_ms,
    );
    return worst === undefined ? [] : [{ key, tests, seen: { ...first.seen, sights: every }, sights, worst }];
  });
}

function weightOf({ sights }: Told): number {
  return sights.reduce((sum, { cause }) => sum + cause.failed + cause.lost_ms / AS_A_FAILURE_MS, 0);
}

function failedTest({ label, failure, key, traceId }: TestReading): VerdictCause {
  const service = key.slice(0, key.indexOf('\n'));
  const once = { unit: 'test', seen: 1, of: 1 } as const;
  return { rule: 'test', failure: true, sentence: `${label} fails: ${failure}`, service, ...once, trace_id: traceId };
}

/** What the causes of a run have in common. */
interface Context {
  readonly head: RunReading;
  isNew(told: Told, owners: readonly TestReading[]): boolean;
  /** Requests by route, of this run and of the last one. */
  readonly counts: ReadonlyMap<string, number>;
  readonly before: ReadonlyMap<string, number> | undefined;
  readonly isAlone: boolean;
  readonly lines: ReadonlyMap<string, CodeLocation>;
}

function describe(told: Told, { head, isNew, counts, before, isAlone, lines }: Context): VerdictCause {
  const { key, tests, seen, sights, worst } = told;
  const { id, rule, service, trace_id, advice } = worst.cause;
  const routes = new Set(sights.map(({ route }) => route).filter((route) => route !== ''));
  const sum = (of = counts) => [...routes].reduce((all, route) => all + (of.get(route) ?? 0), 0);
  const isOfTime = OF_TIME.has(rule);
  const [test] = tests;
  const owners = test === undefined ? [...head.tests.values()].filter(({ causes }) => causes.has(key)) : tests;
  const isNews = !isOfTime && isNew(told, owners);
  return {
    id,
    rule,
    failure: isOfFailure(rule),
    sentence: causeSentence(worst, isAlone),
    service,
    ...(seen.route !== '' && { route: seen.route }),
    ...(test && { test: test.label }),
    unit: UNITS[worst.kind] ?? 'job',
    seen: sights.length,
    of: routes.size === 0 ? sights.length : sum() - (isOfTime ? routes.size : 0),
    ...(isOfTime && { after_first: true }),
    ...(isNews && { new: true, last_of: sum(before) }),
    ...commonest(sights, lines),
    ...(trace_id !== undefined && { trace_id }),
    ...(advice !== undefined && { advice }),
  };
}

/** The causes of the base that the head would have shown. */
function goneSince(base: RunReading, head: RunReading, isAlone: boolean): string[] {
  const news = newsBetween(base, head);
  return toldBy(base).flatMap(({ key, worst }) => {
    if (OF_TIME.has(worst.cause.rule) || hasCause(head, key)) return [];
    const isGone = [...base.tests.values()].some((test) => {
      const seen = test.causes.get(key) ?? test.ownErrors.get(key);
      return seen !== undefined && news.isGone(test, seen, key);
    });
    return isGone ? [causeSentence(worst, isAlone)] : [];
  });
}

function hasCause({ tests }: RunReading, key: string): boolean {
  return [...tests.values()].some(({ causes, ownErrors }) => causes.has(key) || ownErrors.has(key));
}

/** The lines of code of the spans to blame. */
async function linesOf(store: SpanStore, told: readonly Told[], options: ReadOptions) {
  const ids = told
    .slice(0, MOST_LINES.causes)
    .flatMap(({ sights }) => sights.flatMap(({ spanIds }) => spanIds).slice(0, MOST_LINES.spans));
  return readCodeLocations(store, ids, options);
}

/** The line that most of a cause's spans name. */
function commonest(sights: readonly Sight[], lines: ReadonlyMap<string, CodeLocation>): Partial<CodeLocation> {
  const found = sights.flatMap(({ spanIds }) => spanIds.flatMap((id) => lines.get(id) ?? []));
  const groups = [...Map.groupBy(found, ({ file, line }) => `${file}:${line}`).values()];
  return groups.toSorted((a, b) => b.length - a.length)[0]?.[0] ?? {};
}
