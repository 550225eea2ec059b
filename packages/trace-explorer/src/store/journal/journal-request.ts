import { decodeLogs, decodeTraces, encodeRequest } from '@tandem/otlp';
import type { ExportRequest } from '../export-request.ts';
import { isLogs } from '../export-request.ts';
import type { RowBuffer, RowGroup } from '../row-buffer.ts';
import type { Waiting } from '../waiting-requests.ts';
import type { Frame, JournalRecord } from './frame.ts';
import { framesOf } from './frame.ts';

/** What was accepted once is accepted again, however long it takes. */
const NO_LIMITS = {
  maxItems: Number.MAX_SAFE_INTEGER,
  maxGroups: Number.MAX_SAFE_INTEGER,
  maxItemValues: Number.MAX_SAFE_INTEGER,
  maxSharedValues: Number.MAX_SAFE_INTEGER,
  maxItemRowBytes: Number.MAX_SAFE_INTEGER,
  maxRowValues: Number.MAX_SAFE_INTEGER,
  maxRowBytes: Number.MAX_SAFE_INTEGER,
  maxMilliseconds: Number.MAX_SAFE_INTEGER,
};

/**
 * A request as it is written to the journal: as it came, packed or not, or its messages as they came. Those of an imported
 * document for which datasets were named are one record for each run of the same name.
 * @param firstSeq `_seq` of the first of all `rows`
 */
export function framesOfRequest(request: Waiting, rows: RowBuffer, firstSeq: number): Frame[] {
  const { counted, received, whole } = request;
  return runsOf(request.groups).flatMap(({ named, from, to, groups }) =>
    framesOf({
      signal: isLogs(counted) ? 'logs' : 'traces',
      seq: firstSeq + from,
      rows: to - from,
      received,
      dataset: named,
      body: whole?.bytes ?? encodeRequest(groups.map((group) => messagesOf(group, rows))),
      packing: whole?.packing,
    }),
  );
}

/** Groups that follow each other and have the same dataset named for them. */
interface Run extends Pick<RowGroup, 'named' | 'from' | 'to'> {
  readonly groups: RowGroup[];
}

function runsOf(groups: readonly RowGroup[]): readonly Run[] {
  const runs: Run[] = [];
  for (const group of groups) {
    const run = runs.at(-1);
    if (run === undefined || run.named !== group.named)
      runs.push({ named: group.named, from: group.from, to: group.to, groups: [group] });
    else {
      run.to = group.to;
      run.groups.push(group);
    }
  }
  return runs;
}

function messagesOf({ source, from, to }: RowGroup, { spans, large }: RowBuffer) {
  const items: { readonly raw: Uint8Array }[] = [];
  for (let row = from; row < to; row++) {
    const raw = large.get(row) ?? spans[row];
    if (raw !== undefined) items.push({ raw });
  }
  return { ...source, items };
}

/** The request of an unpacked record. @throws UndecodableError where the journal has what was never written to it */
export function requestOf({ signal, body, dataset }: JournalRecord): ExportRequest {
  const request =
    signal === 'logs' ? decodeLogs(body, 'protobuf', NO_LIMITS) : decodeTraces(body, 'protobuf', NO_LIMITS);
  return dataset === undefined ? request : { ...request, dataset };
}
