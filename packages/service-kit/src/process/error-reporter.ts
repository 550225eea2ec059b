import { randomUUID } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { hostname } from 'node:os';
import { trace } from '@opentelemetry/api';

const ENDPOINT = 'https://api.rollbar.com/api/1/item/';
const TIMEOUT_MS = 5_000;
/** Reports under way at once. What an error in each request would add says nothing new. */
const MOST_PENDING = 60;
/** Characters of a message, and errors of a chain of causes: Rollbar takes 512 kB. */
const MOST_CHARACTERS = 16_384;
const MOST_CAUSES = 5;
const LONGEST_FRAME = 1_000;
const FRAME = '    at ';

/** Reports unexpected errors. `flush` resolves when the reports have been answered, or have failed. */
export interface ErrorReporter {
  readonly report: (error: Error) => void;
  readonly flush: () => Promise<void>;
}

/**
 * Reports errors to Rollbar, with the ids of trace and span: one POST each, as its
 * [API](https://docs.rollbar.com/reference/create-item) asks. `warn` gets a sentence for each report that did not arrive.
 */
export function createRollbarReporter(
  accessToken: string,
  warn: (sentence: string) => void,
  endpoint = ENDPOINT,
): ErrorReporter {
  const pending = new Set<Promise<void>>();
  return {
    report(error) {
      if (pending.size >= MOST_PENDING) return;
      const sent = post(endpoint, accessToken, itemOf(error))
        .catch(({ message }: Error) => warn(`Rollbar did not get an error: ${message}`))
        .finally(() => pending.delete(sent));
      pending.add(sent);
    },
    flush: async () => void (await Promise.all(pending)),
  };
}

function itemOf(error: Error): object {
  const span = trace.getActiveSpan()?.spanContext();
  return {
    data: {
      environment: process.env.NODE_ENV ?? 'development',
      level: 'error',
      timestamp: Math.floor(Date.now() / 1000),
      platform: process.platform,
      language: 'javascript',
      uuid: randomUUID(),
      server: { host: hostname(), pid: process.pid },
      custom: span && { trace_id: span.traceId, span_id: span.spanId },
      body: { trace_chain: chainOf(error).map(traceOf) },
    },
  };
}

/** The error and its causes. */
function chainOf(error: Error): Error[] {
  const chain: Error[] = [];
  for (let each: unknown = error; each instanceof Error && chain.length < MOST_CAUSES; each = each.cause)
    chain.push(each);
  return chain;
}

/** Rollbar wants the outermost frame first. */
function traceOf({ name, message, stack = '' }: Error): object {
  const frames = stack.split('\n').flatMap(frameOf);
  return {
    exception: { class: name, message: message.slice(0, MOST_CHARACTERS) },
    frames: frames.toReversed(),
  };
}

/** `    at method (file:///app/a.js:1:2)`, or without a method; nothing for other lines, and for frames without a place. */
function frameOf(line: string): object[] {
  if (!line.startsWith(FRAME) || line.length > LONGEST_FRAME) return [];
  const text = line.slice(FRAME.length);
  const open = text.endsWith(')') ? text.lastIndexOf('(') : -1;
  const place = open === -1 ? text : text.slice(open + 1, -1);
  const [column = '', row = '', ...file] = place.split(':').toReversed();
  const [lineno, colno] = [Number.parseInt(row, 10), Number.parseInt(column, 10)];
  if (Number.isNaN(lineno) || Number.isNaN(colno)) return [];
  const method = open === -1 ? '<anonymous>' : text.slice(0, open).trim();
  return [{ method, filename: file.toReversed().join(':'), lineno, colno }];
}

/** By Node's own client, of which the service makes no span. @throws if Rollbar does not take the item */
function post(endpoint: string, accessToken: string, item: object): Promise<void> {
  const send = endpoint.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-rollbar-access-token': accessToken },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    request.on('error', reject).on('response', (response) => {
      response.resume().on('error', reject);
      if (response.statusCode === 200) response.on('end', resolve);
      else reject(new Error(`it answered ${response.statusCode}. Is ROLLBAR_ACCESS_TOKEN right?`));
    });
    request.end(JSON.stringify(item));
  });
}
