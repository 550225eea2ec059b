/** The reason of a loss; also `error.type` of the metrics. */
export type LossReason =
  /** More items than OTEL_BSP_MAX_QUEUE_SIZE waited in memory: the disk took nothing or was too slow, or they came in one turn of the loop. */
  | 'queue_full'
  /** The spool was full: the oldest items were dropped, or a batch was larger than the spool. */
  | 'spool_full'
  /** A file of the spool was empty, cut or damaged. */
  | 'spool_damaged'
  /** The backend refused a whole request, or some items of a request, for good. */
  | 'rejected'
  /** The backend refused a batch for its size. */
  | 'too_large'
  /** An attribute could not be encoded. */
  | 'unencodable'
  /** The process ended before items were sent or on disk, or items came after the shutdown. */
  | 'shutdown';

/**
 * The items of one destination by outcome.
 * `ended + recovered = exported + lost + handedOver + queue.items + spool.items`.
 */
export interface DestinationCounters {
  readonly name: string;
  /** Items that telemetry took over. */
  readonly ended: number;
  /** Items that other processes wrote to the spool, and this process took. */
  readonly recovered: number;
  readonly exported: number;
  /** Items written to the spool; most are exported later. */
  readonly spooled: number;
  /** Items that this process wrote to the spool, and another process took. */
  readonly handedOver: number;
  readonly lost: Readonly<Record<LossReason, number>>;
  /** Requests by their outcome. */
  readonly requests: Readonly<Record<'taken' | 'retry' | 'too-large' | 'refused', number>>;
  /** In memory only. */
  readonly queue: { readonly items: number; readonly capacity: number };
  /** On disk: items that this process wrote, or took. */
  readonly spool: { readonly items: number; readonly bytes: number; readonly capacityBytes: number };
}

/** The counters of all destinations of a signal, fit for a log line. */
export interface DeliveryCounters {
  readonly destinations: readonly DestinationCounters[];
}

/** `rejected 2, shutdown 1`; empty when nothing was lost. */
export function reasonsOf(lost: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(lost).filter(([, items]) => items > 0);
  return reasons.map(([reason, items]) => `${reason} ${items}`).join(', ');
}
