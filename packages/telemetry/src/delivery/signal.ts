import type { ExportSignal, ProtobufWriter } from '@tandem/otlp/protobuf';
import type { InstrumentationScope, Resource } from '../opentelemetry/sdk.ts';

/** What is delivered: a span or a log record, with what made it. */
export interface Deliverable {
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
}

/** What a signal is called. */
export interface SignalName {
  readonly name: Extract<ExportSignal, 'traces' | 'logs'>;
  /** Its items in words: one, and several at the beginning of a sentence and within one. */
  readonly item: string;
  readonly Items: string;
  readonly items: string;
}

/** What tells the delivery of one signal from that of another. */
export interface DeliveredSignal<Item extends Deliverable> extends SignalName {
  /** Appends one item as an element of its scope's list. @throws whatever reading an attribute throws */
  readonly encode: (writer: ProtobufWriter, item: Item) => void;
}

export const SPANS: SignalName = { name: 'traces', item: 'span', Items: 'Spans', items: 'spans' };

export const LOG_RECORDS: SignalName = {
  name: 'logs',
  item: 'log record',
  Items: 'Log records',
  items: 'log records',
};
