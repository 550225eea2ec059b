import type { Static } from 'typebox';
import type { List, Trace } from '../traces/api/schemas.ts';
import { findTraceId } from './trace-id.ts';

export type TraceAnswer = Static<typeof Trace>;

/** What a person can do something about; the message is all that is shown. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

/** How the workspace's commands are called from the folder that the caller is in. */
export const CALL = process.env.TANDEM || 'node tandem';

/** Spans read with one request; the most that the explorer gives. */
const PAGE_SPANS = 5000;

/** Asks a running explorer over HTTP. */
export class ExplorerClient {
  readonly #url: string;
  readonly #token: string | undefined;

  /**
   * @param token the explorer's EXPLORER_TOKEN, where it has one
   * @throws CliError when the URL is none
   */
  constructor(url: string, token?: string) {
    const parsed = URL.parse(url);
    if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
      throw new CliError(`${JSON.stringify(url)} is no URL; expected one such as http://localhost:3000.`);
    }
    this.#url = parsed.href.replace(/\/+$/, '');
    this.#token = token;
  }

  linkTo(traceId: string): string {
    return `${this.#url}/trace/${traceId}`;
  }

  /**
   * The id of the newest trace, or of the only one that the given text names (see `findTraceId`).
   * @throws CliError when there is none, or more than one
   */
  async findTrace(text: string | undefined): Promise<string> {
    const prefix = text === undefined ? undefined : findTraceId(text);
    if (text !== undefined && prefix === undefined) {
      throw new CliError(
        `${JSON.stringify(text)} is no trace id: expected up to 32 hexadecimal digits, a traceparent or traceresponse header, or a link to a trace.`,
      );
    }
    const query = prefix === undefined ? 'limit=1' : `limit=2&trace_id=${prefix}`;
    const { traces } = await this.#ask<Static<typeof List>>(`/api/traces?${query}`);
    const [first, second] = traces;
    if (first === undefined && prefix === undefined) {
      throw new CliError(
        'No traces yet. Send a request, then try again:\n\n  curl http://localhost:4567/api/activities/home\n',
      );
    }
    if (first === undefined) throw new CliError(`No trace has an id that begins with ${prefix}.`);
    if (second !== undefined) {
      throw new CliError(
        `More than one trace has an id that begins with ${prefix}, such as\n\n  ${first.trace_id}\n  ${second.trace_id}\n`,
      );
    }
    return first.trace_id;
  }

  /** A trace with its first spans in depth-first order. */
  async trace(traceId: string, maxSpans: number): Promise<TraceAnswer> {
    const read = (offset: number) =>
      this.#ask<TraceAnswer>(
        `/api/traces/${traceId}?offset=${offset}&limit=${Math.min(PAGE_SPANS, maxSpans - offset)}`,
      );
    const trace = await read(0);
    const wanted = Math.min(maxSpans, trace.visible);
    while (trace.spans.length < wanted) {
      const { spans } = await read(trace.spans.length);
      if (spans.length === 0) break;
      for (const span of spans) trace.spans.push(span);
    }
    return trace;
  }

  /** Deletes what a path of the API names. */
  delete(path: string): Promise<{ traces: number; spans: number; logs: number }> {
    return this.#ask(path, 'DELETE');
  }

  async #ask<T>(path: string, method = 'GET'): Promise<T> {
    const headers: Record<string, string> =
      this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(this.#url + path, { method, headers, signal }).catch((error: Error) => {
      const reason = error.name === 'TimeoutError' ? 'answered in time' : 'answers';
      throw new CliError(
        `No trace explorer ${reason} at ${this.#url}. Start it with ${CALL} dev, or say where it is with --url.`,
      );
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok && typeof body === 'object') return body as T;
    const detail = problemText(body) ?? `it answered ${response.status}, which the trace explorer does not`;
    throw new CliError(`${this.#url}: ${detail}`);
  }
}

function problemText(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { title, detail } = body as { title?: unknown; detail?: unknown };
  const parts = [title, detail].filter((part) => typeof part === 'string');
  return parts.length === 0 ? undefined : parts.join('. ');
}
