import Type from 'typebox';
import type { ServiceHealth } from '../../pipeline/routes.ts';
import { hrefOf } from '../../places/place.ts';
import type { Status } from '../../status.ts';
import { CLOSED } from '../arguments.ts';
import { newestServices } from '../newest-services.ts';
import { tool } from '../tool.ts';

export const getPipelineHealth = tool({
  name: 'get_pipeline_health',
  title: 'How spans get here',
  description:
    'What became of each service’s spans and log records on their way out (exported, waiting, rejected, dropped, and why), who is not heard of, and what the store dropped. Ask this when data is missing.',
  input: Type.Object({}, CLOSED),
  async run(_args, { ask, page }) {
    const [{ services }, status] = await Promise.all([
      ask<{ services: readonly ServiceHealth[] }>('/api/pipeline'),
      ask<Status>('/api/status'),
    ]);
    return {
      link: page + hrefOf({ view: 'overview', params: {} }),
      now: new Date().toISOString(),
      otlp_endpoint: status.otlp_endpoint,
      notices: status.notices.slice(0, 10),
      dropped: { spans: status.dropped, log_records: status.dropped_logs },
      services,
      heard_of: newestServices(status).slice(0, 50),
    };
  },
});
