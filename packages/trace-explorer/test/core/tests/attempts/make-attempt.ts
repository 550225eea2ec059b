import type { Attempt } from '../../../../src/core/tests/attempts/attempt.ts';
import { attemptAt } from '../../../../src/core/tests/attempts/attempt.ts';
import type { SpanRecord } from '../../../../src/core/traces/read/span-record.ts';
import { client, modelOf, server, span } from '../../traces/make-span.ts';

/** A call of a test, or of a request: answered by a server of this machine, or a statement. */
export interface MadeCall {
  readonly name: string;
  readonly ms: number;
  /** Milliseconds before it begins, after the call before; negative where it begins while that runs. */
  readonly after?: number;
  readonly status?: number;
  /** The type of the error that it fails with. */
  readonly error?: string;
  /** A statement, or a call that nobody answers. */
  readonly isAlone?: boolean;
  /** Milliseconds for which the caller's span goes on after the answer. */
  readonly readsOn?: number;
  readonly logged?: string;
  readonly calls?: readonly MadeCall[];
}

interface MadeAttempt {
  readonly calls: readonly MadeCall[];
  /** Why it failed. */
  readonly failure?: string;
  /** Milliseconds after which it ended, whatever still ran. */
  readonly ends?: number;
  /** Milliseconds of a stall at its end. */
  readonly stall?: number;
}

let made = 0;

function id(): string {
  made += 1;
  return made.toString(16).padStart(16, '0');
}

/** An attempt of a test with these calls, one after the other. */
export function attempt({ calls, failure = '', ends, stall = 0 }: MadeAttempt): Attempt {
  const root = id();
  const records: SpanRecord[] = [];
  const end = place(records, calls, root, 1);
  const length = ends ?? end + 1 + stall;
  const stalls = stall === 0 ? '' : JSON.stringify([[length - stall, stall, 'ran', 0, '']]);
  const own = { name: 'cart › pays', error: failure !== '', stalls };
  const model = modelOf([span(root, '', 0, length, own), ...records]);
  return attemptAt(model, [model.indexOf(root)], failure);
}

/** Places calls below a span from a time on. @returns when the last one has ended */
function place(records: SpanRecord[], calls: readonly MadeCall[], parentId: string, from: number): number {
  let [at, last] = [from, from];
  for (const {
    name,
    ms,
    after = 1,
    status = 200,
    error = '',
    isAlone = false,
    readsOn = 0,
    logged = '',
    calls: below = [],
  } of calls) {
    const [own, answering] = [id(), id()];
    const start = at + after;
    const isError = status >= 400 || error !== '';
    const end = Math.max(start + ms, isAlone ? 0 : place(records, below, answering, start + 0.2) + 0.2);
    records.push(
      client(own, parentId, start, end + readsOn, {
        ...{
          name: isAlone ? name : 'GET',
          target: `127.0.0.1:40001/${made}`,
          error: isError,
          exceptionType: error,
        },
        ...(status >= 400 && { statusCode: String(status) }),
        ...(isAlone && { logged }),
      }),
    );
    if (!isAlone)
      records.push(
        server(answering, own, start + 0.1, end - 0.1, {
          ...{ name, statusCode: String(status), error: status >= 500, logged },
        }),
      );
    at = end;
    last = Math.max(last, end);
  }
  return last;
}
