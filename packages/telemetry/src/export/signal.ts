/** What a signal is called. */
export interface SignalName {
  readonly name: 'traces' | 'logs';
  /** Its items in words: one, and several at the beginning of a sentence and within one. */
  readonly item: string;
  readonly Items: string;
  readonly items: string;
}

export const SPANS: SignalName = { name: 'traces', item: 'span', Items: 'Spans', items: 'spans' };

export const LOG_RECORDS: SignalName = {
  name: 'logs',
  item: 'log record',
  Items: 'Log records',
  items: 'log records',
};
