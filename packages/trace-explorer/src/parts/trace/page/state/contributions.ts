import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import type { Code } from '../../../../page/part.ts';
import type { ShownTrace } from './use-actions.ts';

export interface SpanTab {
  /** The states that show this tab. A click on the tab sets the first one. */
  readonly states: readonly [string, ...string[]];
  readonly label: (shown: ShownTrace) => string;
  /** Whether the tab exists for a span. Absent: always. */
  readonly isFor?: (shown: ShownTrace) => boolean;
  readonly Content: Code<{ readonly shown: ShownTrace }>;
}

declare module '../../../../page/part.ts' {
  interface PagePart {
    readonly spanTabs?: readonly SpanTab[];
    /** In the head of a trace. */
    readonly ofTrace?: readonly Action<TraceModel>[];
    readonly traceFiles?: readonly Code<{ readonly traceId: string }>[];
  }
}
