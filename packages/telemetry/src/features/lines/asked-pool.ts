import type { Context } from '@opentelemetry/api';
import { context, createContextKey, trace } from '@opentelemetry/api';
import type { PoolLike } from '../../common/code-lines.ts';
import { recordedContext } from '../../drivers/statements/query-spans.ts';
import { lookUp } from './app-place.ts';
import type { Called } from './loop-place.ts';
import { calledAt } from './loop-place.ts';
import { noteHolders } from './pool-holders.ts';

const ASKED_BY = createContextKey('tandem asked by');

/** The place that asked the pool whose callback runs in a context. */
export function askedBy(active: Context): Called | undefined {
  return active.getValue(ASKED_BY) as Called | undefined;
}

/** See `Calls`. A context without a recorded span stays as it is. */
export function asking(active: Context): Context {
  const { place } = recordedContext() === undefined ? {} : lookUp();
  return place === undefined ? active : active.setValue(ASKED_BY, calledAt(trace.getSpan(active), place));
}

const noted = new WeakSet<object>();

/** See `CodeLines`. The callback of the app runs in the app's own context. */
export function notePool({ prototype }: { readonly prototype: PoolLike }): void {
  if (noted.has(prototype)) return;
  noted.add(prototype);
  noteHolders(prototype);
  const { query } = prototype;
  prototype.query = function queryFrom(this: PoolLike, ...args: unknown[]) {
    const active = context.active();
    const asked = asking(active);
    if (asked === active) return query.apply(this, args);
    const bound = args.map((each) => (typeof each === 'function' ? context.bind(active, each) : each));
    return context.with(asked, () => query.apply(this, bound));
  };
}
