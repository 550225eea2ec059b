import Type from 'typebox';
import { hrefOf } from '../../places/place.ts';
import type { Status } from '../../status.ts';
import { CLOSED } from '../arguments.ts';
import { newestServices } from '../newest-services.ts';
import { tool } from '../tool.ts';

export const getPipelineHealth = tool({
  name: 'get_pipeline_health',
  title: 'How spans get here',
  description:
    'Who sends spans and log records and when they were last heard of, and what was refused or dropped, and why. Ask this when data is missing.',
  input: Type.Object({}, CLOSED),
  async run(_args, { ask, page }) {
    const status = await ask<Status>('/api/status');
    return {
      link: page + hrefOf({ view: 'overview', params: {} }),
      now: new Date().toISOString(),
      otlp_endpoint: status.otlp_endpoint,
      notices: status.notices.slice(0, 10),
      dropped: { spans: status.dropped, log_records: status.dropped_logs },
      heard_of: newestServices(status).slice(0, 50),
    };
  },
});
