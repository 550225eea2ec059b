import type { Attributes, Context, Span } from '@opentelemetry/api';
import { context, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import type { CompiledQuery } from 'kysely';
import { errorType, failureOf, setFailed } from '../../common/failures.ts';
import { tracer } from '../../common/tracer.ts';
import { calls } from '../http/call.ts';
import { summarizeQuery } from './query-summary.ts';

/** The database of the spans. */
export interface DatabaseInfo {
  readonly system: 'sqlite' | 'postgresql';
  /** Database (PostgreSQL: `database` or `database|schema`; SQLite: the file's name). */
  readonly namespace?: string;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  /** The most connections of the pool: statements that waited for one name it. */
  readonly poolSize?: number;
}

/** Starts and ends the spans of statements on one database. */
export class QuerySpans {
  readonly #base: Attributes;
  readonly #poolSize: DatabaseInfo['poolSize'];

  constructor(info: DatabaseInfo) {
    this.#poolSize = info.poolSize;
    this.#base = {
      'db.system.name': info.system,
      'db.namespace': info.namespace,
      'server.address': info.serverAddress,
      'server.port': info.serverPort,
    };
  }

  /**
   * Starts the statement's span, or returns undefined outside of a sampled trace. The span begins with the wait for the
   * connection.
   */
  start(query: CompiledQuery): Span | undefined {
    const parent = recordedContext();
    if (parent === undefined) return undefined;
    const { operation, collection, summary } = summarizeQuery(query);
    const attributes: Attributes = {
      ...this.#base,
      'db.operation.name': operation,
      'db.collection.name': collection,
      'db.query.summary': summary,
      'db.query.text': query.sql,
    };
    const options = calls.withWait({ kind: SpanKind.CLIENT, attributes }, this, this.#poolSize);
    return tracer().startSpan(summary, options, parent);
  }

  /**
   * Runs a statement with its span active, then ends the span. Spans and lines of the driver belong to the statement.
   *
   * @throws the error of `run`, after the span has ended as failed
   */
  async run<T>(query: CompiledQuery, run: () => Promise<T>): Promise<T> {
    const span = this.start(query);
    if (span === undefined) return run();
    try {
      const result = await context.with(trace.setSpan(context.active(), span), run);
      recordRows(span, Object(result).rows);
      span.end();
      return result;
    } catch (error) {
      endFailed(span, error);
      throw error;
    }
  }
}

/** Fewer rows explain nothing, and the span of each statement would have one more attribute. */
const LEAST_ROWS = 100;

/** Writes the number of the rows that a statement returned to its span, where it matters. */
export function recordRows(span: Span | undefined, rows: unknown): void {
  if (Array.isArray(rows) && rows.length >= LEAST_ROWS)
    span?.setAttribute('db.response.returned_rows', rows.length);
}

/** Ends a statement's span as failed: status Error, `error.type`, and the database's own code if there is one. */
export function endFailed(span: Span | undefined, error: unknown, code = responseStatusCode(error)): void {
  if (span === undefined) return;
  if (code !== undefined) span.setAttribute('db.response.status_code', code);
  setFailed(span, code ?? errorType(error), failureOf(error).message);
  span.end();
}

/**
 * The active context, when its span is or was recorded. Work after the answer (a COMMIT after a 504) belongs to the trace,
 * although the parent has ended.
 */
export function recordedContext(): Context | undefined {
  const active = context.active();
  const span = trace.getSpan(active);
  if (span === undefined) return undefined;
  if (span.isRecording()) return active;
  const { traceFlags, isRemote } = span.spanContext();
  return isRemote !== true && (traceFlags & TraceFlags.SAMPLED) !== 0 ? active : undefined;
}

/** PostgreSQL's SQLSTATE (`23505`) or SQLite's extended result code (`2067`). */
function responseStatusCode(error: unknown): string | undefined {
  const { errcode, code } = Object(error);
  if (typeof errcode === 'number') return String(errcode);
  // Each SQLSTATE has a digit: EPIPE is an error of the system, and so is E2BIG.
  return /^(?=.*\d)(?!E2BIG)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
