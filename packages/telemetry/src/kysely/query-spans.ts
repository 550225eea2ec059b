import type { Attributes, Context, Span } from '@opentelemetry/api';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { CompiledQuery } from 'kysely';
import { errorType } from '../record-failure.ts';
import { tracer } from '../tracer.ts';
import { summarizeQuery } from './query-summary.ts';

/** Which database the spans speak of. */
export interface DatabaseInfo {
  readonly system: 'sqlite' | 'postgresql';
  /** Database (PostgreSQL: `database` or `database|schema`; SQLite: the file's name). */
  readonly namespace?: string;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  /** Called when a statement's span has started; the statement waits for what it returns. */
  readonly beforeQuery?: (span: Span | undefined) => Promise<void> | undefined;
}

interface SpanTemplate {
  readonly name: string;
  readonly attributes: Attributes;
}

/**
 * A service has a few dozen statements, but a list of values (`in (?, ?, …)`) makes a text per length: the bound keeps
 * generated texts from growing memory without end.
 */
const MAX_TEMPLATES = 1000;

/** Starts and ends the span of one statement. Name and attributes are worked out once per statement text. */
export class QuerySpans {
  readonly beforeQuery: DatabaseInfo['beforeQuery'];
  readonly #base: Attributes;
  readonly #templates = new Map<string, SpanTemplate>();

  constructor(info: DatabaseInfo) {
    this.beforeQuery = info.beforeQuery;
    this.#base = {
      'db.system.name': info.system,
      ...(info.namespace === undefined ? {} : { 'db.namespace': info.namespace }),
      ...(info.serverAddress === undefined ? {} : { 'server.address': info.serverAddress }),
      ...(info.serverPort === undefined ? {} : { 'server.port': info.serverPort }),
    };
  }

  /** Starts the statement's span, or returns undefined outside of a sampled trace. */
  start(query: CompiledQuery): Span | undefined {
    const parent = recordedContext();
    if (parent === undefined) return undefined;
    const { name, attributes } = this.#templateOf(query);
    return tracer().startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  }

  /** Starts the span of a transaction command (`BEGIN`, `COMMIT`, `ROLLBACK`, …). */
  startCommand(command: string): Span | undefined {
    const parent = recordedContext();
    if (parent === undefined) return undefined;
    const attributes = { ...this.#base, 'db.operation.name': command, 'db.query.summary': command };
    return tracer().startSpan(command, { kind: SpanKind.CLIENT, attributes }, parent);
  }

  #templateOf(query: CompiledQuery): SpanTemplate {
    const known = this.#templates.get(query.sql);
    if (known !== undefined) return known;
    const { operation, collection, summary } = summarizeQuery(query);
    const template: SpanTemplate = {
      name: summary,
      attributes: {
        ...this.#base,
        'db.operation.name': operation,
        ...(collection === undefined ? {} : { 'db.collection.name': collection }),
        'db.query.summary': summary,
        'db.query.text': query.sql,
      },
    };
    if (this.#templates.size >= MAX_TEMPLATES) this.#templates.clear();
    this.#templates.set(query.sql, template);
    return template;
  }
}

/** Ends a statement's span as failed: status Error, `error.type`, and the database's own code where it gave one. */
export function endFailed(span: Span | undefined, error: unknown): void {
  if (span === undefined) return;
  const code = responseStatusCode(error);
  if (code !== undefined) span.setAttribute('db.response.status_code', code);
  span.setAttribute('error.type', code ?? errorType(error));
  span.setStatus({
    code: SpanStatusCode.ERROR,
    message: error instanceof Error ? error.message : String(error),
  });
  span.end();
}

/** The active context when its span is recorded. */
function recordedContext(): Context | undefined {
  const active = context.active();
  return trace.getSpan(active)?.isRecording() === true ? active : undefined;
}

/** PostgreSQL's SQLSTATE (`23505`) or SQLite's extended result code (`2067`). */
function responseStatusCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return String(error.errcode);
  if ('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code))
    return error.code;
  return undefined;
}
