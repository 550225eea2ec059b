import { aliasesOf } from '../../../core/conventions/attributes.ts';
import { notCounted } from '../../../core/fields/pulled.ts';
import { firstField } from '../../../core/store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { isNoTest } from '../../../core/tests/read/test-columns.ts';
import type { SpanColumns } from '../../../core/traces/read/span-columns.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { TraceSample } from '../../../core/traces/read/trace-sample.ts';
import { readJoinedShare } from '../../../core/traces/read/trace-sample.ts';
import { counted } from '../../../lib/text/words.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import type { ServiceResource } from './resources.ts';
import { readResources } from './resources.ts';
import type { Fault } from './rule.ts';
import type { Sample } from './sample.ts';
import { paceOf, readSample } from './sample.ts';

/** Rows of the range, by their kind. */
export type RowKind = 'isSpan' | 'isLog';

/** Rows of a service, and a rule's words about them. The example is the newest of the rows. */
export interface Counted<Key> extends Fault {
  readonly key: Key;
}

/** A condition in SQL, and a rule's words about rows that fulfil it. */
interface Condition<Key> {
  readonly key: Key;
  readonly condition: string;
}

/** The rows to verify: their range, and the service and dataset when only these are asked for. */
export interface Scope extends TimeInterval {
  readonly service?: string | undefined;
  readonly dataset?: string | undefined;
}

export interface Reading {
  readonly store: SpanStore;
  readonly columns: SpanColumns;
  /** The condition that a row is in scope. It has the placeholders `$1` and so on. */
  readonly within: string;
  /** The two parts of `within`: the time, and the service and dataset. */
  readonly inTime: string;
  readonly ofService: string;
  /** The condition that a span is the app's own work, and no test. */
  readonly noTest: string;
  /** SQL of the first field that a row has, of the names and of the deprecated names that they replace, as text. */
  text(...names: readonly string[]): string;
  /** Counts the rows that fulfil a condition, by service. */
  count(condition: string, kind?: RowKind): Promise<readonly Fault[]>;
  /**
   * Counts the rows of each condition by service, in one statement. A condition that no row fulfils is left out.
   * @param among SQL of a condition of all these rows that takes less time
   */
  countEach<Key>(
    conditions: readonly Condition<Key>[],
    kind?: RowKind,
    among?: string,
  ): Promise<readonly Counted<Key>[]>;
  /** Finds the spans that have some fields, by field; where no span has a field, the log records. */
  findFields(
    isWrong: (name: string) => boolean,
  ): Promise<readonly (Counted<string> & { readonly rows: string })[]>;
  /** Finds the traces with more than `limit` spans of a service that fulfil a condition, and the most of these spans. */
  findTraces(condition: string, limit: number): Promise<readonly (Fault & { readonly most: number })[]>;
  /** For FROM: the names of a service's spans, each with the number of its spans and the newest one (`spans`, `example`). */
  readonly names: string;
  /**
   * Finds spans whose name has a value in it, and takes only the ones whose name differs with the value: names that are equal
   * without the value are one group. A value may be a part of a name by chance.
   * @param condition on a span; a name has its value
   * @param rest SQL of the name without its value
   * @param varies SQL of whether a group's name differs with the value
   */
  findNames(condition: string, rest: string, varies: string): Promise<readonly Fault[]>;
  /** Reads rows of service, count, example, and where there is one, a greatest number. */
  find(sql: string): Promise<readonly (Fault & { readonly most: number })[]>;
  read(sql: string): Promise<readonly (readonly unknown[])[]>;
  resources(): Promise<readonly ServiceResource[]>;
  /** The traces whose spans are joined with each other: all, up to a million spans in the range. */
  share(): Promise<TraceSample>;
  sample(): Promise<Sample>;
  /** Works on rows, with a turn for other requests in between. */
  readonly pace: ReturnType<typeof paceOf>;
}

/** Fields that one rule counts. A sender that invents names would make the statement too large. */
const MOST_FIELDS = 200;

/** A reading of the rows in scope. Values that several rules need are read once. */
export function readingOf(store: SpanStore, scope: Scope, options: ReadOptions): Reading {
  const columns = spanColumns(store);
  const fields = store.fields();
  const values: unknown[] = [scope.start, scope.end];
  const inTime = `_time >= $1 AND _time < $2 AND ${notCounted(fields) ?? 'true'}`;
  const conditions: string[] = [];
  if (scope.service !== undefined) conditions.push(`${columns.service} = $${values.push(scope.service)}`);
  if (scope.dataset !== undefined) conditions.push(`_dataset = $${values.push(scope.dataset)}`);
  const ofService = conditions.join(' AND ') || 'true';
  const within = [inTime, ...conditions].join(' AND ');
  let resources: Promise<readonly ServiceResource[]> | undefined;
  let sample: Promise<Sample> | undefined;
  let share: Promise<TraceSample> | undefined;
  const reading: Reading = {
    store,
    columns,
    within,
    inTime,
    ofService,
    noTest: isNoTest(store),
    text: (...names) => firstField(fields, ...names.flatMap(aliasesOf)),
    read: async (sql) => (await store.read(sql, values, options)).rows,
    count: (condition, kind) => reading.countEach([{ key: '', condition }], kind, condition),
    async countEach(conditions, kind = 'isSpan', among = 'true') {
      if (conditions.length === 0) return [];
      const counts = conditions.map(
        ({ condition }) => `count(*) FILTER (${condition}), max(_seq) FILTER (${condition})`,
      );
      const counted = await reading.read(
        `SELECT ${columns.service}, ${counts.join(', ')} FROM spans WHERE ${within} AND ${columns[kind]} AND (${among}) GROUP BY 1 ORDER BY 1`,
      );
      return counted.flatMap(([service, ...counts]) =>
        conditions.flatMap(({ key }, at) => {
          const [count, example] = [Number(counts[2 * at]), Number(counts[2 * at + 1])];
          return count === 0 ? [] : [{ service: String(service), key, count, example }];
        }),
      );
    },
    async findFields(isWrong) {
      const fields = [...store.fields().values()].filter(({ name }) => isWrong(name)).slice(0, MOST_FIELDS);
      const conditions = fields.map(({ name, sql }) => ({ key: name, condition: `${sql} IS NOT NULL` }));
      const say = (faults: readonly Counted<string>[], noun: string) =>
        faults.map((fault) => ({ ...fault, rows: counted(fault.count, noun) }));
      const inSpans = say(await reading.countEach(conditions), 'span');
      const inLogs = say(await reading.countEach(conditions, 'isLog'), 'log record');
      const isInSpans = (log: Counted<string>) =>
        inSpans.some(({ service, key }) => service === log.service && key === log.key);
      return [...inSpans, ...inLogs.filter((fault) => !isInSpans(fault))];
    },
    findTraces: (condition, limit) =>
      reading.find(
        `SELECT service, count(*), arg_max(example, spans), max(spans) FROM (
          SELECT ${columns.service} AS service, hash(${columns.traceId}) AS trace, count(*) AS spans, max(_seq) AS example
          FROM spans WHERE ${within} AND ${columns.isSpan} AND ${condition} GROUP BY 1, 2 HAVING count(*) > ${limit}
        ) GROUP BY 1 ORDER BY 1`,
      ),
    names: `(SELECT ${columns.service} AS service, ${columns.name} AS name, count(*) AS spans, max(_seq) AS example
      FROM spans WHERE ${within} AND ${columns.isSpan} AND ${isNoTest(store)} GROUP BY 1, 2)`,
    findNames: (condition, rest, varies) =>
      reading.find(
        `SELECT service, sum(spans), max(example) FROM (
          SELECT ${columns.service} AS service, ${rest} AS rest, count(*) AS spans, max(_seq) AS example
          FROM spans WHERE ${within} AND ${columns.isSpan} AND ${reading.noTest} AND ${condition} GROUP BY 1, 2 HAVING ${varies}
        ) GROUP BY 1 ORDER BY 1`,
      ),
    async find(sql) {
      const rows = await reading.read(sql);
      return rows.map(([service, count, example, most]) => {
        return {
          service: String(service),
          count: Number(count),
          example: Number(example),
          most: Number(most),
        };
      });
    },
    share: () => (share ??= readJoinedShare(store, scope, {}, options)),
    resources: () => (resources ??= readResources(reading)),
    sample: () => (sample ??= readSample(reading, options)),
    pace: paceOf(options),
  };
  return reading;
}

/** The condition that a span has one of some kinds. */
export function kindIn({ kind }: SpanColumns, kinds: readonly string[]): string {
  return `${kind} IN ('${kinds.join("', '")}')`;
}
