import type { ReceivedSpan } from '@tandem/otlp/testing';
import type { Asked } from './load.ts';
import { isSuccess, UNTRACED } from './load.ts';

/** A killed process may lose the spans of requests that it answered in this time before the kill. */
const GRACE_MS = 500;

/** The spans of a whole answer, as `service name KIND`. */
const WHOLE: Readonly<Record<string, readonly string[]>> = {
  'GET /api/activities/home': [
    'activities-api home-activities-data INTERNAL',
    'activities-api SELECT activities CLIENT',
    'activities-api home-result-activities INTERNAL',
  ],
  'GET /api/activities/@:handle': ['activities-api SELECT activities CLIENT'],
  'POST /api/activities': ['activities-api INSERT activities CLIENT'],
};

/** Further spans when user-lookup answered. */
const LOOKED_UP = [
  'activities-api GET /api/users CLIENT',
  'user-lookup GET /api/users SERVER',
  'user-lookup SELECT users CLIENT',
];

/** The spans that an answer proves. There may be more, for instance of a second attempt. */
export function spansProvenBy({ route, answer }: Pick<Asked, 'route' | 'answer'>): string[] {
  if (answer === UNTRACED) return [];
  const server = `activities-api ${route} SERVER`;
  if (!isSuccess(answer) && answer !== '200 degraded') return /^\d/.test(answer) ? [server] : [];
  return [server, ...(WHOLE[route] ?? []), ...(isSuccess(answer) ? LOOKED_UP : [])];
}

/** The arrived spans of a request, by id. */
type Came = Map<string, ReceivedSpan>;

/** Answers, and their spans that have come. Times are of `performance.now()`. */
export class Ledger {
  /** Spans that came twice or more. */
  twice = 0;
  readonly asked: Asked[] = [];
  readonly #came = new Map<string, Came>();
  readonly #lastAt = new Map<string, number>();
  readonly #kills: number[] = [];
  /** Ids of spans that other senders sent, and that were acknowledged. */
  readonly #acknowledged: { readonly traceId: string; readonly spanId: string }[] = [];

  killed(at: number): void {
    this.#kills.push(at);
  }

  /** A span of another sender than the services was taken: it must come. */
  acknowledged(span: { readonly traceId: string; readonly spanId: string }): void {
    this.#acknowledged.push(span);
  }

  received(spans: readonly ReceivedSpan[]): void {
    for (const span of spans) {
      const came = this.#came.get(span.traceId) ?? new Map<string, ReceivedSpan>();
      this.#came.set(span.traceId, came);
      this.#lastAt.set(span.traceId, performance.now());
      if (came.has(span.spanId)) this.twice++;
      else came.set(span.spanId, span);
    }
  }

  /** Spans that the answers so far prove. */
  get expected(): number {
    const proven = this.asked.reduce((sum, asked) => sum + spansProvenBy(asked).length, 0);
    return proven + this.#acknowledged.length;
  }

  /** Missing spans: all of them, and the spans that a kill excuses. */
  missing(): { readonly count: number; readonly excused: number } {
    const sum = (of: readonly Asked[]) => of.reduce((total, asked) => total + this.#missingOf(asked), 0);
    const others = this.#acknowledged.filter(({ traceId, spanId }) => !this.#came.get(traceId)?.has(spanId));
    return {
      count: sum(this.asked) + others.length,
      excused: sum(this.asked.filter((asked) => this.#isExcused(asked))),
    };
  }

  /** Spans of answered requests without their parent, except those that a kill excuses. */
  orphans(): number {
    const orphansOf = ({ traceId, route }: Asked) =>
      this.#spansOf(traceId).filter(
        ({ parentSpanId, service, kind, name }) =>
          !(service === 'activities-api' && kind === 'SERVER' && name === route) &&
          !this.#came.get(traceId)?.has(parentSpanId),
      ).length;
    return this.asked
      .filter((asked) => !this.#isExcused(asked))
      .reduce((sum, asked) => sum + orphansOf(asked), 0);
  }

  /** The spans of requests that ran at some moment between two times. */
  spansBetween(from: number, to: number): ReceivedSpan[] {
    return this.asked.flatMap(({ traceId, sentAt, endedAt }) =>
      endedAt >= from && sentAt < to ? this.#spansOf(traceId) : [],
    );
  }

  /** When the last span of requests before a time arrived; 0 when none did. */
  lastOfBefore(time: number): number {
    const before = this.asked.filter(({ endedAt }) => endedAt < time);
    return before.reduce((last, { traceId }) => Math.max(last, this.#lastAt.get(traceId) ?? 0), 0);
  }

  #spansOf(traceId: string): ReceivedSpan[] {
    return [...(this.#came.get(traceId)?.values() ?? [])];
  }

  #missingOf(asked: Asked): number {
    const names = new Set(
      this.#spansOf(asked.traceId).map(({ service, name, kind }) => `${service} ${name} ${kind}`),
    );
    return spansProvenBy(asked).filter((name) => !names.has(name)).length;
  }

  /** True when a request's spans ended shortly before a kill, or the kill ended the request. */
  #isExcused({ sentAt, endedAt }: Asked): boolean {
    return this.#kills.some((at) => endedAt >= at - GRACE_MS && sentAt <= at);
  }
}
