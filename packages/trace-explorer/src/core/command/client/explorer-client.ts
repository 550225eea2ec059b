import { setTimeout as sleep } from 'node:timers/promises';
import { logSafeUrl } from '@tandem/telemetry/workspace';
import type { Static } from 'typebox';
import type { Ask, AskOptions } from '../../../lib/request-json.ts';
import { describeFailure } from '../../../lib/text/describe-failure.ts';
import { START, TYPED } from '../../call.ts';
import { PAGE_PORT, placeToAsk } from '../../live-explorers.ts';
import type { LogEntry, LogPage } from '../../logs/schemas.ts';
import type { AskedTrace } from '../../traces/forms/ask-trace.ts';
import { askTrace } from '../../traces/forms/ask-trace.ts';
import type { TraceDescription } from '../../traces/forms/describe-trace.ts';
import { describeTrace } from '../../traces/forms/describe-trace.ts';
import type { List } from '../../traces/list/schemas.ts';
import type { TraceOutline } from '../../traces/model/outline.ts';
import type { TraceModel } from '../../traces/model/trace-model.ts';
import { buildModel } from '../../traces/model/trace-model.ts';
import { findTraceId, isWholeId } from './wanted-trace-id.ts';

/** An error that a person can mend. A command prints its message alone. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, { exitCode = 1, ...options }: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The name of the commands: in the workspace the launcher's, elsewhere the installed one. */
export const CALL = process.env.TANDEM || 'trace-explorer';

export const DEFAULT_URL = `EXPLORER_URL, else the one that runs, else http://localhost:${PAGE_PORT}`;

/** A request to the pair, which only the workspace has. */
const EXAMPLE = process.env.TANDEM ? ' (curl http://localhost:4567/api/activities/home)' : '';

const WHERE = 'Say with --url where the explorer is.';

/** Log records read with one request; the most that the explorer gives. */
const PAGE_LOGS = 1000;

/** Longest time for an answer, in milliseconds: as long as the explorer gives a read beside others, and a little. */
const TIMEOUT_MS = 65_000;
/** Longest time for the question whether an explorer answers, in milliseconds. */
const STATUS_TIMEOUT_MS = 5_000;

/** Telemetry sends a batch 300 ms after its first span. Two seconds are enough on a busy machine. */
const ARRIVAL_ATTEMPTS = 8;
const ARRIVAL_INTERVAL_MS = 250;
/** A request that ended just before this process started has its trace in the explorer by then. */
const NEWEST_MS = 1000;
/** A recent trace is whole when its root is there and no span has come for longer than a sender waits. */
const QUIET_MS = 500;
/** So long after its end a trace counts as whole. */
const WHOLE_MS = 3000;

/**
 * The explorer that a command asks, by the rule of `live-explorers.ts`. With the token that EXPLORER_TOKEN has.
 * @param url of an option
 * @throws CliError for what is no URL of HTTP
 */
export async function explorerAt(url: string | undefined): Promise<ExplorerClient> {
  const place = await placeToAsk(url);
  return new ExplorerClient(place.url, process.env.EXPLORER_TOKEN || undefined);
}

/** Log records, and whether there are more than the caller asked for. */
export interface LogListAnswer {
  readonly logs: readonly LogEntry[];
  readonly more: boolean;
}

/** What becomes of a request whose receiver takes no more of it. */
const CUT_OFF = new Set(['EPIPE', 'ECONNRESET', 'UND_ERR_SOCKET']);

/** Asks a running explorer over HTTP. */
export class ExplorerClient {
  /** Where the page is, without a slash at its end. */
  readonly url: string;
  readonly #token: string | undefined;
  /** Whether the program that answers is not an explorer; asked once. */
  #isOther: Promise<boolean> | undefined;

  /**
   * @param token the explorer's EXPLORER_TOKEN, where it has one
   * @throws CliError when the text is not a URL of HTTP
   */
  constructor(url: string, token?: string) {
    const parsed = URL.parse(url);
    if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
      const given = JSON.stringify(logSafeUrl(url));
      const name = url === process.env.EXPLORER_URL ? 'EXPLORER_URL: ' : '';
      throw new CliError(`${name}${given} is not a URL; expected one such as http://localhost:${PAGE_PORT}.`);
    }
    if (parsed.username !== '' || parsed.password !== '')
      throw new CliError(
        `The address ${logSafeUrl(url)} has a user or a password, which no request of this command sends. Leave them out. EXPLORER_TOKEN is for an explorer that asks for a token.`,
      );
    this.url = parsed.href.replace(/(?<!\/)\/+$/, '');
    this.#token = token;
  }

  /** Asks a route for JSON. @throws CliError that says why there is none */
  readonly ask: Ask = async <T>(path: string, { method = 'GET', body, signal }: AskOptions = {}) => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.send(path, {
      method,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (typeof answer === 'object') return answer as T;
    throw this.#notAnExplorer(response);
  };

  linkTo(traceId: string): string {
    return `${this.url}/trace/${traceId}`;
  }

  /**
   * The id of the newest trace a second after the start of this process, or of the only one that the given text names (see
   * `findTraceId`). Resolves when the trace is whole.
   * @throws CliError when there is none, or more than one
   */
  async findTrace(text: string | undefined): Promise<string> {
    const prefix = text === undefined ? undefined : findTraceId(text);
    if (text !== undefined && prefix === undefined) {
      throw new CliError(
        `${JSON.stringify(logSafeUrl(text))} is not a trace id: expected up to 32 hexadecimal digits, a traceparent, Server-Timing or traceresponse header, or a link to a trace.`,
      );
    }
    const query = prefix === undefined ? 'limit=1' : `limit=2&trace_id=${prefix}`;
    const path = `/api/traces?${query}`;
    if (prefix === undefined) {
      await this.ask(path); // says at once that there is no explorer
      await sleep(Math.max(0, NEWEST_MS - performance.now()));
    }
    const [first, second] = await this.#arrived(path);
    if (first === undefined && prefix === undefined) {
      throw new CliError(`No traces yet. Send a request${EXAMPLE}, then try again.`);
    }
    if (first === undefined) {
      const logs = isWholeId(prefix)
        ? ` Its log lines, if there are any: ${TYPED} logs --trace ${prefix}`
        : '';
      throw new CliError(`No trace has an id that begins with ${prefix}.${logs}`);
    }
    if (second !== undefined) {
      throw new CliError(
        `More than one trace has an id that begins with ${prefix}, such as\n\n  ${first.trace_id}\n  ${second.trace_id}\n`,
      );
    }
    await this.#whole(first);
    return first.trace_id;
  }

  /** Waits until a recent trace has all its spans: each service sends its own. */
  async #whole(trace: Static<typeof List>['traces'][number]): Promise<void> {
    const ended = Date.parse(trace.start) + trace.duration_ms;
    const until = Math.min(ended, Date.now()) + WHOLE_MS; // a sender's clock may be ahead
    let [seen, spans] = [trace, -1];
    while (Date.now() < until && (seen.root.provisional || seen.spans !== spans)) {
      spans = seen.spans;
      await sleep(QUIET_MS);
      const { traces } = await this.ask<Static<typeof List>>(`/api/traces?trace_id=${trace.trace_id}`);
      seen = traces[0] ?? seen;
    }
  }

  /** The traces of a list. An empty list is asked for again, as the spans of a request just sent may be on their way. */
  async #arrived(path: string): Promise<Static<typeof List>['traces']> {
    for (let asked = 1; ; asked++) {
      const { traces } = await this.ask<Static<typeof List>>(path);
      if (traces.length > 0 || asked === ARRIVAL_ATTEMPTS) return traces;
      await sleep(ARRIVAL_INTERVAL_MS);
    }
  }

  /** A trace with its first spans in depth-first order. @throws CliError when none of them has come */
  async trace(traceId: string, until?: number): Promise<TraceDescription> {
    const { model, findings } = await this.shown(traceId);
    return describeTrace(model, findings, until === undefined ? {} : { until });
  }

  /** A trace, and what is wrong with it. @throws CliError when no span has arrived */
  shown(traceId: string): Promise<AskedTrace> {
    return askTrace(traceId, (path) => this.ask(path));
  }

  /** A trace in depth-first order. @throws CliError when no span has arrived */
  async model(traceId: string): Promise<TraceModel> {
    return buildModel(await this.ask<TraceOutline>(`/api/traces/${traceId}/outline`));
  }

  /**
   * New log records, as they come, until the explorer ends. The first event has none.
   * @throws CliError when it does not answer, or goes away before the end of an event
   */
  async *tail(filter: URLSearchParams): AsyncGenerator<TailEvent> {
    const headers = { accept: 'text/event-stream' };
    const { body } = await this.send(`/api/logs/tail?${filter}`, { headers });
    if (body === null) return;
    const { EventSourceParserStream } = await import('eventsource-parser/stream');
    try {
      const text = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>);
      for await (const { event, data } of text.pipeThrough(new EventSourceParserStream()))
        yield event === 'logs' ? (JSON.parse(data) as TailEvent) : { logs: [], more: 0 };
    } catch (cause) {
      throw new CliError(`The trace explorer at ${this.url} has gone away.`, { cause });
    }
  }

  /** The log records that fit, in the order that the filter asks for: without one the newest first. */
  async logs(filter: URLSearchParams, most: number): Promise<LogListAnswer> {
    const logs: LogEntry[] = [];
    let cursor: string | undefined;
    if (most === 0) return { logs, more: false };
    do {
      const query = new URLSearchParams(filter);
      query.set('limit', String(Math.min(PAGE_LOGS, most - logs.length)));
      if (cursor !== undefined) query.set('cursor', cursor);
      const page = await this.ask<LogPage>(`/api/logs?${query}`);
      for (const entry of page.logs) logs.push(entry);
      cursor = page.next;
    } while (cursor !== undefined && logs.length < most);
    return { logs, more: cursor !== undefined };
  }

  /**
   * Sends a request.
   * @throws CliError where nobody answers, or another program, or with the answer's reason where the answer is a refusal
   */
  async send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set('authorization', `Bearer ${this.#token}`);
    this.#isOther ??= this.#answersOther(headers);
    if (await this.#isOther)
      throw new CliError(`${this.url}: the server there is not the trace explorer. ${WHERE}`);
    const response = await fetch(this.url + path, { ...init, headers }).catch((cause: Error) => {
      const { code } = Object(cause.cause);
      if (init.body !== undefined && CUT_OFF.has(code))
        throw new CliError(
          `The trace explorer at ${this.url} ended the connection before it had the whole request, which is too large for it. Or the explorer itself ended.`,
          { cause },
        );
      const isNamed = process.env.EXPLORER_URL?.startsWith(this.url);
      const reason = cause.name === 'TimeoutError' ? 'answered in time' : 'answers';
      throw new CliError(
        `No trace explorer ${reason} at ${this.url}${isNamed ? ', which EXPLORER_URL names' : ''}. Trace a command with ${TYPED} run -- CMD, start the explorer alone with ${START}, or say where it is with --url.`,
        { cause },
      );
    });
    if (response.ok) return response;
    const cause: unknown = await response.json().catch(() => undefined);
    const detail = describeFailure(cause);
    throw detail === undefined
      ? this.#notAnExplorer(response)
      : new CliError(`${this.url}: ${detail}`, { cause });
  }

  #notAnExplorer({ status }: Response): CliError {
    return new CliError(`${this.url}: it answered ${status}, which the trace explorer does not. ${WHERE}`);
  }

  /** Whether another program answers here, whose answers would be read as the explorer's. */
  async #answersOther(given: Headers): Promise<boolean> {
    const authorization = given.get('authorization');
    const response = await fetch(`${this.url}/api/status`, {
      signal: AbortSignal.timeout(STATUS_TIMEOUT_MS),
      ...(authorization !== null && { headers: { authorization } }),
    }).catch(() => undefined);
    // An explorer that is busy or asks for its token refuses in its own words.
    if (response === undefined || (!response.ok && response.status !== 404)) return false;
    const status: unknown = await response.json().catch(() => undefined);
    return typeof Object(status).max_bytes !== 'number';
  }
}

/** New log lines of a tail. */
export interface TailEvent {
  readonly logs: readonly LogEntry[];
  /** Number of further lines that came and are not here. */
  readonly more: number;
}
