import type { ReadableSpan, Span, SpanProcessor } from './engine.ts';

/** What happens to each span at its start, at its end while it can still be written, and after its end. */
export interface SpanStep {
  readonly onStart?: SpanProcessor['onStart'];
  readonly onEnding?: (span: Span) => void;
  readonly onEnd?: (span: ReadableSpan) => void;
  forceFlush?(): Promise<void>;
  shutdown?(): Promise<void>;
}

/**
 * One processor that takes each span through all steps, in their order. A chain of processors asks each for all of its
 * members, whether it has something to do or not. A processor of the SDK is a step as it is. A step that throws keeps no other
 * from its work, and the app, which started or ended the span, from nothing.
 */
export function processorOf(steps: readonly SpanStep[]): SpanProcessor {
  const starting = steps.filter(({ onStart }) => onStart !== undefined);
  const ending = steps.filter(({ onEnding }) => onEnding !== undefined);
  const ended = steps.filter(({ onEnd }) => onEnd !== undefined);
  return {
    onStart(span, parentContext) {
      for (const step of starting)
        try {
          step.onStart?.(span, parentContext);
        } catch {}
    },
    onEnding(span: Span) {
      for (const step of ending)
        try {
          step.onEnding?.(span);
        } catch {}
    },
    onEnd(span) {
      for (const step of ended)
        try {
          step.onEnd?.(span);
        } catch {}
    },
    async forceFlush() {
      await Promise.all(steps.map((step) => step.forceFlush?.()));
    },
    async shutdown() {
      await Promise.all(steps.map((step) => step.shutdown?.()));
    },
  } satisfies SpanProcessor & { onEnding(span: Span): void };
}
