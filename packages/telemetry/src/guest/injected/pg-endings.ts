import type { Context } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';
import { quietly } from '../../common/quietly.ts';

/** A callback of the app. */
export type Callback = (this: unknown, error: unknown, ...results: unknown[]) => unknown;

/** What is done when a call of pg ends. */
export interface Ending {
  end(result: unknown): void;
  fail(error: unknown): void;
}

/** What a client is given that sends itself: a cursor, a stream of rows, COPY, a query that emits its rows. */
export interface Submitted {
  readonly text?: unknown;
  readonly cursor?: { readonly text?: unknown };
  readonly submit?: unknown;
  readonly callback?: unknown;
  handleReadyForQuery?: (...args: unknown[]) => unknown;
  handleError?: (...args: unknown[]) => unknown;
  once?(event: string, listener: () => void): unknown;
}

/** Callbacks of the app, by what stands in their place: pg writes the callback of a call into the config of the app. */
const given = new WeakMap<object, Callback>();

/** A callback that tells of the end first, and runs the app's own in the context of its caller. */
export function endAtCallback(callback: Callback, caller: Context, ending: Ending): Callback {
  const own = given.get(callback) ?? callback;
  const called: Callback = function called(this: unknown, error, ...results) {
    tellEnd(ending, error, results[0]);
    return context.with(caller, () => Reflect.apply(own, this, [error, ...results]));
  };
  given.set(called, own);
  return called;
}

function tellEnd(ending: Ending, error: unknown, result: unknown): void {
  quietly(() => (error ? ending.fail(error) : ending.end(result)));
}

/** A promise that settles after the end is told. It is the app's only one, so that its rejection stays unhandled where the app's was. */
export function endAtPromise(result: unknown, ending: Ending): unknown {
  if (typeof Object(result).then !== 'function') return result;
  return (result as Promise<unknown>).then(
    (value) => {
      quietly(() => ending.end(value));
      return value;
    },
    (error) => {
      quietly(() => ending.fail(error));
      throw error;
    },
  );
}

export function isSubmitted(asked: Submitted | undefined): boolean {
  return typeof asked?.submit === 'function';
}

/** What sends itself is told its end by one of two methods; a query of libpq emits it. What it calls then runs in the context of its caller. */
export function endBySubmitted(submitted: Submitted, caller: Context, ending: Ending): void {
  const { handleReadyForQuery: ready, handleError: failed } = submitted;
  if (ready === undefined) submitted.once?.('_done', () => quietly(() => ending.end(undefined)));
  else
    submitted.handleReadyForQuery = function handleReadyForQuery(this: unknown, ...args) {
      quietly(() => ending.end(undefined));
      return context.with(caller, () => Reflect.apply(ready, this, args));
    };
  if (failed !== undefined)
    submitted.handleError = function handleError(this: unknown, ...args) {
      quietly(() => ending.fail(args[0]));
      return context.with(caller, () => Reflect.apply(failed, this, args));
    };
}
