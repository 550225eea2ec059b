import { pageSettings } from '../../../page/browser/settings.ts';
import type { WebSpan } from '../../web-tracing/page/web-span.ts';
import type { TracedResponse } from './traced-fetch.ts';

/** A trace that an experiment made. */
export interface Outcome {
  readonly traceId: string;
  /** The API's answer in a few words. Undefined for a trace without a response. */
  readonly answer?: string;
  /** The reason that there was no answer. */
  readonly problem?: string;
}

export interface ExperimentRun {
  readonly outcomes: readonly Outcome[];
  readonly spans: readonly WebSpan[];
  /** Looks for a trace that no response names. Called after the export. */
  readonly find?: (signal: AbortSignal) => Promise<Outcome | undefined>;
}

export const NO_ANSWER = `The API at ${pageSettings.apiUrl} did not answer this page.`;

/** The outcome of one request. */
export function outcomeOf({ span, status, responseTraceId }: TracedResponse): Outcome {
  const { traceId } = span;
  if (status === 0) return { traceId, problem: NO_ANSWER };
  const same =
    responseTraceId === traceId ? 'traceresponse names this trace' : 'traceresponse names another trace';
  return {
    traceId,
    answer: `${status}, ${responseTraceId === undefined ? 'no readable traceresponse' : same}`,
  };
}
