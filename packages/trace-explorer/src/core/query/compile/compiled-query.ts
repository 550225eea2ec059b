import type { QuerySpec } from '../parse/query-spec.ts';
import type { Statement } from './binder.ts';
import type { HeatmapAxis } from './heatmap-axis.ts';
import type { ScopeOptions } from './query-scope.ts';
import { QueryScope } from './query-scope.ts';
import type { TimeWindow } from './time-window.ts';
import { topCtes, totalsCtes } from './totals-sql.ts';

/** Kinds of rows of the statement. Rows of the comparison window have COMPARED added. */
export const PART = {
  total: 0,
  series: 1,
  heatmap: 2,
  opened: 3,
  closed: 4,
  percentile: 5,
} as const;
export const COMPARED = 10;

/** Most points of all series together: about 40 MB of JSON. */
export const MAX_POINTS = 200_000;

export interface CompileOptions extends ScopeOptions {
  /** The window of the query and, for a comparison, the window to compare with. */
  readonly windows: readonly TimeWindow[];
  readonly series: boolean;
}

/**
 * A query as one SQL statement, so that totals and series come from the same snapshot. The statement gives the totals per
 * group, ordered and limited, and for these groups the series, heatmap cells and concurrency changes. The first column names
 * the kind of a row.
 */
export class CompiledQuery {
  readonly #scope: QueryScope;
  readonly #options: CompileOptions;

  /** @throws QueryError for columns that do not exist or have an unsuitable type */
  constructor(spec: QuerySpec, options: CompileOptions) {
    this.#scope = new QueryScope(spec, options);
    this.#options = options;
  }

  isInteger(calculation: number): boolean {
    return this.#scope.isInteger(calculation);
  }

  /** Smallest and largest value of each heatmap, over all windows; undefined without heatmaps. */
  bounds(): Statement | undefined {
    const scope = this.#scope;
    const bounds = scope
      .indexes('HEATMAP')
      .flatMap((i) => [scope.aggregate('MIN', i), scope.aggregate('MAX', i)]);
    if (bounds.length === 0) return undefined;
    const rows = this.#options.windows.map((window) => scope.baseRows(window)).join(' UNION ALL ');
    return scope.binder.finish(
      `SELECT ${bounds.map((sql) => `CAST(${sql} AS DOUBLE)`).join(', ')} FROM (${rows})`,
    );
  }

  /** Finds a matching row that stands for several events. Undefined when each row of the windows is one event. */
  sampled(): Statement | undefined {
    const { weight, windows } = this.#options;
    if (weight === undefined) return undefined;
    const rows = windows.map((window) => this.#scope.baseRows(window)).join(' UNION ALL ');
    return this.#scope.binder.finish(`SELECT 1 FROM (${rows}) WHERE ${this.#scope.weighed('1')} > 1 LIMIT 1`);
  }

  /** The query itself. `axes` has the axes of its heatmaps, by calculation. */
  query(axes: ReadonlyMap<number, HeatmapAxis>): Statement {
    const { windows } = this.#options;
    const totals = windows.flatMap((window, w) => totalsCtes(this.#scope, window, w));
    const ctes = [...totals, ...topCtes(this.#scope, windows.length)];
    const parts = windows.flatMap((window, w) => this.#parts(window, w, axes));
    return this.#scope.binder.finish(`WITH ${ctes.join(',\n')}\n${parts.join('\nUNION ALL\n')}`);
  }

  /** The selects of one window; columns: part, rn, bucket, calculation, k, v, breakdowns, calculations. */
  #parts(window: TimeWindow, w: number, axes: ReadonlyMap<number, HeatmapAxis>): string[] {
    const { series } = this.#options;
    const parts = [this.#totalsPart(w)];
    const aggregates = this.#seriesAggregates();
    // A bucket with events has a point, also when no percentile has a value in it.
    const hasPoints = this.#scope.spec.calculations.some(
      ({ op }) => op !== 'HEATMAP' && op !== 'CONCURRENCY',
    );
    if (series && hasPoints) {
      parts.push(this.#select(w, { part: PART.series, bucket: this.#scope.bucket(window), aggregates }));
    }
    for (const [i, axis] of axes) {
      const bucket = series ? this.#scope.bucket(window) : '0';
      const where = this.#scope.present(i);
      const k = this.#cell(i, axis);
      parts.push(
        this.#select(w, {
          part: PART.heatmap,
          bucket,
          calculation: i,
          k,
          v: this.#scope.count(),
          where,
          byK: true,
        }),
      );
    }
    if (series) parts.push(...this.#concurrencyParts(window, w), ...this.#percentileParts(window, w));
    return parts;
  }

  #totalsPart(w: number): string {
    const { calculations } = this.#scope.spec;
    const names = this.#scope.breakdowns();
    if (w === 0) {
      const all = [...names, ...calculations.map((_, i) => `a${i}`)].join(', ');
      return `SELECT ${PART.total} AS part, rn, NULL::BIGINT AS bucket, NULL::INTEGER AS calculation, NULL::BIGINT AS k, NULL::DOUBLE AS v, ${all} FROM top`;
    }
    const all = [...names.map((b) => `s.${b}`), ...calculations.map((_, i) => `s.a${i}`)].join(', ');
    return `SELECT ${PART.total + COMPARED}, rn, NULL, NULL, NULL, NULL, ${all} FROM totals${w} s JOIN shown ON ${this.#scope.sameGroup('s', 'shown')}`;
  }

  /** The aggregates per bucket, except heatmaps, concurrency and weighted percentiles, which have their own parts. */
  #seriesAggregates(): string[] {
    const apart = this.#scope.weightedPercentiles().flat();
    return this.#scope.spec.calculations.map((each, i) => {
      return each.op === 'HEATMAP' || each.op === 'CONCURRENCY' || apart.includes(i)
        ? 'NULL'
        : this.#scope.aggregate(each.op, i);
    });
  }

  /** The value bucket of a row in a heatmap. */
  #cell(i: number, axis: HeatmapAxis): string {
    const { binder } = this.#scope;
    const [min, step] = [binder.bind(axis.min, 'DOUBLE'), binder.bind(axis.step, 'DOUBLE')];
    const cell = `floor((${this.#scope.operand(i)} - ${min}) / ${step})`;
    // Rows that arrived after the bounds were read may lie outside the axis. Clamping integers takes 28 ms per million rows,
    // clamping doubles 38.
    return `greatest(0, least(TRY_CAST(${cell} AS INTEGER), ${axis.count - 1}))`;
  }

  /**
   * Concurrency without a row per span and bucket. One select finds the buckets where spans begin, how much of the bucket they
   * cover and how many continue after it. Another select finds the buckets where spans end, and how much of the bucket they
   * cover. A running sum fills the buckets between when the result is shaped.
   */
  #concurrencyParts(window: TimeWindow, w: number): string[] {
    const scope = this.#scope;
    const width = scope.nanoseconds(window.granularity);
    const closed = `CAST(floor(stop / ${width}) AS BIGINT)`;
    const goesOn = `${closed} > opened`;
    return scope.indexes('CONCURRENCY').flatMap((calculation) => {
      const stop = `least(t + ${scope.durationNs(calculation)}, ${scope.windowEnd(window)})`;
      const source = `(SELECT *, t // ${width} AS opened, ${stop} AS stop FROM base${w} WHERE ${scope.present(calculation)})`;
      const begins = {
        bucket: 'opened',
        k: asInteger(scope.count(goesOn)),
        v: `sum(${scope.weighed(`least(stop, (opened + 1) * ${width}) - t`)}) / ${width}`,
      };
      const ends = {
        bucket: closed,
        k: asInteger(scope.count()),
        v: `sum(${scope.weighed(`stop - ${closed} * ${width}`)}) / ${width}`,
        where: goesOn,
      };
      return [
        this.#select(w, { part: PART.opened, calculation, source, ...begins }),
        this.#select(w, { part: PART.closed, calculation, source, ...ends }),
      ];
    });
  }

  /** Percentiles of weighted rows by bucket. Each calculated value needs its own order of the rows. */
  #percentileParts(window: TimeWindow, w: number): string[] {
    const scope = this.#scope;
    return scope.weightedPercentiles().map((group) => {
      const bucket = scope.bucket(window);
      const keys = [...scope.breakdowns(), bucket];
      const { rows, values } = scope.weightedPercentile(group, `base${w}`, keys);
      const aggregates = scope.spec.calculations.map((_, i) => values[group.indexOf(i)] ?? 'NULL');
      return this.#select(w, { part: PART.percentile, bucket, aggregates, source: rows });
    });
  }

  /** Aggregates by group and bucket, for the groups of the answer. */
  #select(w: number, rows: PartRows): string {
    const {
      part,
      bucket,
      calculation = 'NULL',
      k = 'NULL',
      v = 'NULL',
      source = `base${w}`,
      where = 'true',
    } = rows;
    const { spec } = this.#scope;
    // A single group needs no join: 41 ms per million rows with the join, 24 without.
    const isSingle = spec.breakdowns.length === 0 && spec.havings.length === 0;
    const columns = [
      part + (w === 0 ? 0 : COMPARED),
      isSingle ? '1::BIGINT' : 'rn',
      `${bucket} AS bucket`,
      calculation,
      `${k} AS k`,
      v,
      ...spec.breakdowns.map(() => 'NULL'),
      ...(rows.aggregates ?? spec.calculations.map(() => 'NULL')),
    ];
    const by = [...(isSingle ? [] : ['rn']), 'bucket', ...(rows.byK ? ['k'] : [])];
    const groups = w === 0 ? 'top' : 'shown';
    const from = isSingle ? source : `${source} s JOIN ${groups} ON ${this.#scope.sameGroup('s', groups)}`;
    return `SELECT * FROM (SELECT ${columns.join(', ')} FROM ${from} WHERE ${where} GROUP BY ${by.join(', ')} LIMIT ${MAX_POINTS + 1})`;
  }
}

/** A whole number for column k. Weights would make the number a DOUBLE. */
function asInteger(sql: string): string {
  return `CAST(${sql} AS BIGINT)`;
}

/** The columns of one select of the statement. An absent part is NULL. */
interface PartRows {
  readonly part: number;
  readonly bucket: string;
  readonly calculation?: number;
  readonly k?: string;
  readonly v?: string;
  /** One value per calculation. */
  readonly aggregates?: readonly string[];
  /** The rows to read; by default the rows of the window. */
  readonly source?: string;
  readonly where?: string;
  /** Whether column k is a key of the groups. Otherwise column k is an aggregate. */
  readonly byK?: boolean;
}
