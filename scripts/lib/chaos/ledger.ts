import type { ReceivedSpan } from '@tandem/otlp/testing';
import { isSuccess } from './answers.ts';
import type { Asked } from './load.ts';

/** What a process that is killed may lose: the spans of requests that were answered so shortly before. */
const GRACE_MS = 500;

/** The spans of a request that was answered whole, as `service name KIND`. */
const WHOLE: Readonly<Record<string, readonly string[]>> = {
  'GET /api/activities/home': [
    'activities-api home-activities-data INTERNAL',
    'activities-api SELECT activities CLIENT',
    'activities-api home-result-activities INTERNAL',
  ],
  'GET /api/activities/@:handle': ['activities-api SELECT activities CLIENT'],
  'POST /api/activities': ['activities-api INSERT activities CLIENT'],
};

/** And of each that asked user-lookup, with success. */
const LOOKED_UP = [
  'activities-api GET /api/users CLIENT',
  'user-lookup GET /api/users SERVER',
  'user-lookup SELECT users CLIENT',
];

/** The spans that must exist because of what was answered: others may as well, as of a second attempt. */
export function spansProvenBy({ route, answer }: Pick<Asked, 'route' | 'answer'>): string[] {
  const server = `activities-api ${route} SERVER`;
  if (!isSuccess(answer) && answer !== '200 degraded') return /^\d/.test(answer) ? [server] : [];
  return [server, ...(WHOLE[route] ?? []), ...(isSuccess(answer) ? LOOKED_UP : [])];
}

/** A span, as far as it is looked at. */
export interface SeenSpan {
  readonly spanId: string;
  readonly parentSpanId: string;
  /** `service name KIND`. */
  readonly name: string;
  readonly kind: string;
  readonly service: string;
  /** `error.type`, where the status is Error. */
  readonly error: string | undefined;
  /** Types of its exceptions. */
  readonly exceptions: readonly string[];
  /** Why a page had to do without names. */
  readonly degradedBy: string | undefined;
}

interface Trace {
  asked: Asked | undefined;
  readonly spans: Map<string, SeenSpan>;
  /** When the last of them came, on the clock of `performance.now()`. */
  lastAt: number;
}

/** What was answered, and which spans of it have come. */
export class Ledger {
  /** Spans that came more than once. */
  twice = 0;
  /** Spans that answers prove, of the traces that are forgotten. */
  #settled = 0;
  /** Spans without a parent, of those. */
  #settledOrphans = 0;
  readonly #traces = new Map<string, Trace>();
  /** When processes were killed, on the clock of `performance.now()`. */
  readonly #kills: number[] = [];

  asked(asked: Asked): void {
    this.#traceOf(asked.traceId).asked = asked;
  }

  killed(at: number): void {
    this.#kills.push(at);
  }

  received(spans: readonly ReceivedSpan[]): void {
    for (const span of spans) {
      const trace = this.#traceOf(span.traceId);
      trace.lastAt = performance.now();
      if (trace.spans.has(span.spanId)) this.twice++;
      else trace.spans.set(span.spanId, seen(span));
    }
  }

  /** Spans that the answers so far prove. */
  get expected(): number {
    return this.#all().reduce((sum, { asked }) => sum + spansProvenBy(asked).length, this.#settled);
  }

  /** Spans that should be there and are not: all, and those of them that a kill excuses. */
  missing(): { readonly count: number; readonly excused: number } {
    let count = 0;
    let excused = 0;
    for (const trace of this.#all()) {
      const missing = missingOf(trace);
      count += missing;
      if (this.#isExcused(trace.asked)) excused += missing;
    }
    return { count, excused };
  }

  /** The first requests whose spans have not all come, for people. */
  examples(): string[] {
    return this.#all()
      .filter((trace) => missingOf(trace) > 0 && !this.#isExcused(trace.asked))
      .slice(0, 3)
      .map(({ asked, spans }) => {
        const names = [...spans.values()].map(({ name }) => name).join(', ');
        return `${asked.traceId} ${asked.route} ${asked.answer}: came ${names || 'nothing'}`;
      });
  }

  /** Spans of answered requests whose parent has not come, but for those that a kill excuses. */
  orphans(): number {
    return this.#all().reduce((sum, trace) => sum + this.#orphansOf(trace), this.#settledOrphans);
  }

  /** The spans of requests that were under way at some time between two. */
  spansBetween(from: number, to: number): SeenSpan[] {
    return this.#all().flatMap(({ asked, spans }) =>
      asked.endedAt >= from && asked.sentAt < to ? [...spans.values()] : [],
    );
  }

  /** When the last span came of the requests that were answered before a time; 0 for none. */
  lastOfBefore(time: number): number {
    return this.#all().reduce(
      (last, { asked, lastAt }) => (asked.endedAt < time ? Math.max(last, lastAt) : last),
      0,
    );
  }

  /** Forgets traces of before a time that are whole, so that a long run needs no more memory than a short one. */
  forgetWholeBefore(time: number): void {
    for (const [id, trace] of this.#traces) {
      const { asked, spans, lastAt } = trace;
      if (asked === undefined) {
        // Of a request that was forgotten: what came of it late.
        if (lastAt < time) this.#traces.delete(id);
      } else if (asked.endedAt < time && missingOf({ asked, spans }) === 0) {
        this.#settled += spansProvenBy(asked).length;
        this.#settledOrphans += this.#orphansOf({ asked, spans });
        this.#traces.delete(id);
      }
    }
  }

  #orphansOf({ asked, spans }: Pick<Trace, 'spans'> & { readonly asked: Asked }): number {
    if (this.#isExcused(asked)) return 0;
    const server = `activities-api ${asked.route} SERVER`;
    const all = [...spans.values()];
    return all.filter(({ parentSpanId, name }) => name !== server && !spans.has(parentSpanId)).length;
  }

  #all(): (Trace & { readonly asked: Asked })[] {
    return [...this.#traces.values()].filter(
      (trace): trace is Trace & { readonly asked: Asked } => trace.asked !== undefined,
    );
  }

  #traceOf(traceId: string): Trace {
    const known = this.#traces.get(traceId);
    if (known !== undefined) return known;
    const trace: Trace = { asked: undefined, spans: new Map(), lastAt: performance.now() };
    this.#traces.set(traceId, trace);
    return trace;
  }

  /** Its spans ended before the kill, and not long before; or the kill is what ended it. */
  #isExcused({ sentAt, endedAt }: Asked): boolean {
    return this.#kills.some((at) => endedAt >= at - GRACE_MS && sentAt <= at);
  }
}

function missingOf({ asked, spans }: { readonly asked: Asked; readonly spans: Trace['spans'] }): number {
  const names = new Set([...spans.values()].map(({ name }) => name));
  return spansProvenBy(asked).filter((name) => !names.has(name)).length;
}

function seen(span: ReceivedSpan): SeenSpan {
  const { attributes, service, kind } = span;
  const text = (value: unknown) => (value === undefined ? undefined : String(value));
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: `${service} ${span.name} ${kind}`,
    kind,
    service,
    error: span.status === 2 ? (text(attributes['error.type']) ?? 'without a type') : undefined,
    exceptions: span.events
      .filter(({ name }) => name === 'exception')
      .map((event) => String(event.attributes['exception.type'])),
    degradedBy: text(attributes['app.degraded_reason']),
  };
}
