import { SEMCONV_VERSION } from '../../../core/conventions/attributes.ts';
import { PULL_NAME } from '../../../core/fields/pulled.ts';
import { hrefOf, tracePlace } from '../../../core/places/place.ts';
import { namedColumns, number, text, textOrNone } from '../../../core/store/read/named-columns.ts';
import { rowsAt } from '../../../core/store/read/rows-at.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { Reading, Scope } from './reading.ts';
import { readingOf } from './reading.ts';
import type { Fault, SaidFault, VerifyRule } from './rule.ts';
import { VERIFY_RULES } from './rules.ts';
import type { Report, ServiceReport, Violation } from './schemas.ts';
import { categoryOf, NOT_MEASURED, SCORED, SPECIFICATION, scoreOf } from './score.ts';

/** Asks every rule about the rows in scope. Equal rows have equal reports. A rule that fails is not measured, and says why. */
export async function verify(
  store: SpanStore,
  scope: Scope,
  options: ReadOptions = {},
  rules: Readonly<Record<string, VerifyRule>> = VERIFY_RULES,
): Promise<Report> {
  const reading = readingOf(store, scope, options);
  const faults: (SaidFault & Pick<VerifyRule, 'title' | 'impact'> & { readonly rule: string })[] = [];
  // One after the other: three statements at a time would take all readers of the other views.
  const failedRules = new Map<string, string>((await hasPulled(reading)) ? LOST : []);
  for (const [rule, { find, ...about }] of Object.entries(rules).filter(([rule]) => !failedRules.has(rule)))
    try {
      for (const fault of await find(reading)) faults.push({ ...fault, ...about, rule });
    } catch (error) {
      // Spans of one service must not cost the other services their report.
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      failedRules.set(rule, `the rule failed on sent data (${error.message})`);
    }
  const measured = SCORED.filter((rule) => !failedRules.has(rule));
  const places = await readPlaces(store, faults, options);
  const { rows, of } = await reading.sample();
  const byService = Map.groupBy(await reading.resources(), ({ service }) => service);
  const services = [...byService].map(([service, own]): ServiceReport => {
    const failed = faults.filter((fault) => fault.service === service);
    const failing = new Set<string>(failed.map(({ rule }) => rule));
    const score = scoreOf(failing, measured);
    const language = own.map(({ text }) => text('telemetry.sdk.language')).find((name) => name !== undefined);
    return {
      service,
      ...(language !== undefined && { language }),
      spans: own.reduce((sum, { spans }) => sum + spans, 0),
      logs: own.reduce((sum, { logs }) => sum + logs, 0),
      score: Math.round(score * 100) / 100,
      category: categoryOf(score),
      holding: measured.filter((rule) => !failing.has(rule)),
      violations: failed.map(({ rule, impact, title, sentence, mend, count, example }): Violation => {
        const place = places.get(example) ?? '/';
        return { rule, ...(impact && { impact }), title, sentence, mend: mend(language), count, place };
      }),
    };
  });
  return {
    specification: SPECIFICATION,
    conventions: SEMCONV_VERSION,
    start_time: Number(scope.start) / 1e9,
    end_time: Number(scope.end) / 1e9,
    looked_at: rows.length,
    of,
    not_measured: [...NOT_MEASURED, ...[...failedRules].map(([rule, reason]) => ({ rule, reason }))],
    services: services.sort((a, b) => a.score - b.score || (a.service < b.service ? -1 : 1)),
  };
}

/** Rules that need what the Collector's exporter does not write into its tables. */
const LOST: readonly (readonly [rule: string, reason: string])[] = [
  ['wrong-type', 'the table that the traces were pulled from has no types'],
  ['cut-attributes', 'the table that the traces were pulled from has no counts of what was dropped'],
];

/** Whether some spans of the scope were pulled. */
async function hasPulled({ store, within, text, read }: Reading): Promise<boolean> {
  if (!store.fields().has(PULL_NAME)) return false;
  const rows = await read(`SELECT 1 FROM spans WHERE ${within} AND ${text(PULL_NAME)} IS NOT NULL LIMIT 1`);
  return rows.length > 0;
}

/** The page's address for each row: its trace, or the log lines around it. */
async function readPlaces(
  store: SpanStore,
  faults: readonly Fault[],
  options: ReadOptions,
): Promise<Map<number, string>> {
  const { traceId, spanId, parentId, service } = spanColumns(store);
  const columns = namedColumns({
    seq: number('_seq'),
    trace: textOrNone(traceId),
    span: textOrNone(`coalesce(${spanId}, ${parentId})`),
    service: text(service),
    time: number('_time // 1000000000'),
  });
  const { rows } = await store.read(
    `SELECT ${columns.sql} FROM ${rowsAt(faults.map(({ example }) => example))}`,
    [],
    options,
  );
  return new Map(
    rows.map(columns.rowOf).map(({ seq, trace, span, service, time }) => {
      const around = { service, start: String(time), end: String(time + 1) };
      const place =
        trace === undefined ? ({ view: 'logs', params: around } as const) : tracePlace(trace, span);
      return [seq, hrefOf(place) ?? '/'];
    }),
  );
}
