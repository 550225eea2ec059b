import { hrefOf } from '../../places/place.ts';
import type { Status } from '../../status.ts';
import { ENVIRONMENT, limit, offset, part } from '../arguments.ts';
import { tool } from '../tool.ts';

export const getWorkspaceContext = tool({
  name: 'get_workspace_context',
  title: 'What is here',
  description:
    'The time, the only environment, how much the store has and since when, the refused and dropped data and why, and the datasets: the services that sent spans or log records, the latest first. All of them together are the dataset __all__. Ask this first, and when data is missing.',
  input: { offset, limit: limit(30, 200) },
  async run({ offset = 0, limit = 30 }, { ask, page }) {
    const status = await ask<Status>('/api/status');
    const { services, notices, dropped, dropped_logs } = status;
    const newest = services.toSorted((a, b) => (a.last_seen < b.last_seen ? 1 : -1));
    const { items, ...more } = part(newest, { offset, limit });
    return {
      link: page + hrefOf({ view: 'overview', params: {} }),
      team: 'tandem',
      now: new Date().toISOString(),
      otlp_endpoint: status.otlp_endpoint,
      environments: [{ slug: ENVIRONMENT, name: 'Local', datasets: services.length }],
      stored: {
        spans: status.spans,
        log_records: status.logs,
        oldest: status.oldest,
        bytes: status.bytes,
        max_bytes: status.max_bytes,
        fields: status.fields,
      },
      dropped: { spans: dropped, log_records: dropped_logs },
      notices: notices.slice(0, 10),
      ...more,
      services: items,
    };
  },
});
