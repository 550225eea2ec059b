/** Why items were lost; also the `error.type` of the metrics. */
export type LossReason =
  /** More waited in memory than OTEL_BSP_MAX_QUEUE_SIZE allows, because the disk took nothing, or was too slow. */
  | 'queue_full'
  /** The spool was full: the oldest were dropped, or a batch was larger than all of it. */
  | 'spool_full'
  /** A file of the spool was empty, cut or damaged. */
  | 'spool_damaged'
  /** The backend refused them for good, a whole request or some of its items. */
  | 'rejected'
  /** The backend refused a batch for its size. */
  | 'too_large'
  /** An attribute could not be encoded. */
  | 'unencodable'
  /** The process ended before they could be sent or written to disk; or they came after that. */
  | 'shutdown';

/**
 * The items of one destination by outcome.
 * `ended + recovered = exported + lost + handedOver + queue.items + spool.items`.
 */
export interface DestinationCounters {
  readonly name: string;
  /** Items that were to be sent. */
  readonly ended: number;
  /** Items that other processes wrote to the spool, and this one has taken. */
  readonly recovered: number;
  readonly exported: number;
  /** Items written to the spool; most of them are exported later. */
  readonly spooled: number;
  /** Items that this process wrote to the spool, and another one has taken. */
  readonly handedOver: number;
  readonly lost: Readonly<Record<LossReason, number>>;
  /** Requests by their outcome. */
  readonly requests: Readonly<Record<'taken' | 'retry' | 'too-large' | 'refused', number>>;
  /** In memory only. */
  readonly queue: { readonly items: number; readonly capacity: number };
  /** On disk: items that this process wrote there, or has taken. */
  readonly spool: { readonly items: number; readonly bytes: number; readonly capacityBytes: number };
}

/** The counters of all destinations of a signal; fit for a log line as it is. */
export interface DeliveryCounters {
  readonly destinations: readonly DestinationCounters[];
}

/** The counters of this process, as they are now. */
export interface TelemetryCounters {
  readonly spans: DeliveryCounters;
  readonly logs: DeliveryCounters;
}

/** `rejected 2, shutdown 1`; empty when nothing was lost. */
export function reasonsOf(lost: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(lost).filter(([, items]) => items > 0);
  return reasons.map(([reason, items]) => `${reason} ${items}`).join(', ');
}
