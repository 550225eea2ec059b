import type { Static } from 'typebox';
import Type from 'typebox';
import { linkTo } from '../../../core/places/place.ts';
import type { DatasetAnswer } from '../../../core/query/api/schemas.ts';
import type { Status } from '../../../core/status.ts';
import { ENVIRONMENT, environment, limit, offset, part, segment } from '../../../core/tools/arguments.ts';
import { tool } from '../../../core/tools/tool.ts';

export const getWorkspaceContext = tool({
  name: 'get_workspace_context',
  title: 'What is here',
  description:
    'The time, the only environment, how much the store has and since when, the refused and dropped data and why, and the senders of spans and log records, the latest first. Ask this when data is missing.',
  input: {},
  async run(_args, { ask, page }) {
    const status = await ask<Status>('/api/status');
    const { services, notices, dropped, dropped_logs } = status;
    const newest = services.toSorted((a, b) => (a.last_seen < b.last_seen ? 1 : -1));
    return {
      link: linkTo(page, { view: 'overview', params: {} }),
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
      services: newest.slice(0, 30),
      ...(newest.length > 30 && { more: `get_environment lists all ${newest.length} services.` }),
    };
  },
});

export const getEnvironment = tool({
  name: 'get_environment',
  title: 'An environment and its datasets',
  description:
    'The datasets of the environment: each service that sent spans or log records is one. All of them together are the dataset __all__.',
  input: { ...environment, offset, limit: limit(50, 200) },
  async run(args, { ask, page }) {
    const datasets = await ask<Static<typeof DatasetAnswer>[]>('/1/datasets');
    const { items, ...more } = part(datasets, { ...args, limit: args.limit ?? 50 });
    return {
      link: linkTo(page, { view: 'overview', params: {} }),
      environment: { slug: ENVIRONMENT, name: 'Local' },
      datasets_total: datasets.length,
      ...more,
      datasets: items.map(describeDataset),
    };
  },
});

export const getDataset = tool({
  name: 'get_dataset',
  title: 'One dataset',
  description: 'One dataset: how many columns it has, when its data begins and when it was last written.',
  advice: 'get_environment lists the datasets.',
  input: {
    ...environment,
    dataset_slug: Type.String({ description: 'Slug or name of a service.' }),
  },
  async run({ dataset_slug }, { ask, page }) {
    const dataset = await ask<Static<typeof DatasetAnswer>>(`/1/datasets/${segment(dataset_slug)}`);
    const params = { dataset: dataset.name, query: '{}' };
    return { link: linkTo(page, { view: 'query', params }), ...describeDataset(dataset) };
  },
});

function describeDataset(dataset: Static<typeof DatasetAnswer>) {
  return {
    slug: dataset.slug,
    name: dataset.name,
    columns: dataset.regular_columns_count,
    created_at: dataset.created_at,
    last_written_at: dataset.last_written_at,
  };
}
