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

/** A form of a span: its name in the API, its title, and what it is. */
export type SpanForm = readonly [name: string, title: string, about: string];

declare module '../../../../page/part.ts' {
  interface PagePart {
    readonly spanTabs?: readonly SpanTab[];
    readonly spanForms?: readonly SpanForm[];
    /** In the head of a trace. */
    readonly ofTrace?: readonly Action<TraceModel>[];
    readonly traceFiles?: readonly Code<{ readonly traceId: string }>[];
  }
}
