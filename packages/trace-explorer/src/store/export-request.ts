import type { DecodedLogs, DecodedTraces, Resource, Scope, Span } from '@tandem/otlp';
import type { WholeBody } from './whole-body.ts';

/** Signals that the store keeps. */
export type Signal = 'traces' | 'logs';

/** A decoded request, or a part of one: spans or log records. Both take the same way into the store. */
export type ExportRequest = (DecodedTraces | DecodedLogs) & {
  /** As it came, where it was protobuf and small, and nothing was left out: the journal keeps it so. */
  readonly whole?: WholeBody | undefined;
  /**
   * The dataset that its sender names: of all its spans, or of its log records without a service name. A part of an
   * imported document has that of its groups.
   */
  readonly dataset?: string;
};

/** Spans or log records of one resource and scope. */
interface Group {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly items: readonly { readonly raw: Uint8Array }[];
}

/** How many spans, or log records, a request has: what is left of it when its rows are made. */
export type Counted = Pick<DecodedTraces, 'spanCount'> | Pick<DecodedLogs, 'recordCount'>;

export function isLogs<Request extends Counted>(
  request: Request,
): request is Extract<Request, Pick<DecodedLogs, 'recordCount'>> {
  return 'recordCount' in request;
}

/** How many spans or log records it has. */
export function itemCount(request: Counted): number {
  return isLogs(request) ? request.recordCount : request.spanCount;
}

export function countedOf(request: ExportRequest): Counted {
  return isLogs(request) ? { recordCount: request.recordCount } : { spanCount: request.spanCount };
}

/** How many rows it becomes. */
export function rowCount(request: ExportRequest): number {
  let rows = 0;
  for (const { items } of groupsOf(request)) for (const item of items) rows += itemRows(item);
  return rows;
}

/** How many rows a span or log record becomes: one for itself, and one for each event and link. */
export function itemRows(item: Group['items'][number] | Span): number {
  return 'links' in item ? 1 + item.events.length + item.links.length : 1;
}

export function groupsOf(request: ExportRequest): readonly Group[] {
  return isLogs(request)
    ? request.scopeLogs.map(({ resource, scope, logRecords }) => ({ resource, scope, items: logRecords }))
    : request.scopeSpans.map(({ resource, scope, spans }) => ({ resource, scope, items: spans }));
}

/** The request with those of its items that fit, and how many do not. */
export function onlyFitting(
  request: ExportRequest,
  fits: (item: { readonly raw: Uint8Array }, group: Pick<Group, 'resource' | 'scope'>) => boolean,
): { readonly fitting: ExportRequest; readonly left: number } {
  const keep = <Item extends { readonly raw: Uint8Array }>(
    items: readonly Item[],
    group: Pick<Group, 'resource' | 'scope'>,
  ) => {
    const fitting = items.every((item) => fits(item, group))
      ? items
      : items.filter((item) => fits(item, group));
    left += items.length - fitting.length;
    return fitting;
  };
  let left = 0;
  if (isLogs(request)) {
    const scopeLogs = request.scopeLogs.map((group) => ({
      ...group,
      logRecords: keep(group.logRecords, group),
    }));
    const fitting = { ...request, scopeLogs, recordCount: request.recordCount - left, whole: undefined };
    return { fitting: left === 0 ? request : fitting, left };
  }
  const scopeSpans = request.scopeSpans.map((group) => ({ ...group, spans: keep(group.spans, group) }));
  const fitting = { ...request, scopeSpans, spanCount: request.spanCount - left, whole: undefined };
  return { fitting: left === 0 ? request : fitting, left };
}
