import type { Static } from 'typebox';
import { searchOf } from '../../../lib/text/search-of.ts';
import type { List } from '../../traces/list/schemas.ts';
import type { ExplorerClient } from '../client/explorer-client.ts';

/** Traces that one request reads. */
const PAGE_TRACES = 200;

/** The ids of all traces, a page at a time. A full store evicts its oldest traces meanwhile. @param field of these traces alone */
export async function* tracePages(client: ExplorerClient, field?: string): AsyncGenerator<string[]> {
  let cursor: string | undefined;
  do {
    const page = await client.ask<Static<typeof List>>(
      `/api/traces?${searchOf({ field, limit: PAGE_TRACES, cursor })}`,
    );
    if (page.traces.length > 0) yield page.traces.map(({ trace_id }) => trace_id);
    cursor = page.next;
  } while (cursor !== undefined);
}
