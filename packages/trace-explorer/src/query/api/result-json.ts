import type { QueryJob } from '../run/running-job.ts';
import { describeQuery } from './describe-query.ts';

/**
 * A run as Honeycomb's API gives it back. The data is large and JSON already: only what is around it is serialized.
 * @param origin scheme and host for the link to the page
 */
export function resultJson(job: QueryJob, origin: string): string {
  const { dataset, spec, id } = job.query;
  const query = describeQuery(id, spec);
  const asked = encodeURIComponent(JSON.stringify({ ...query, id: undefined }));
  const page = `${origin}/?dataset=${encodeURIComponent(dataset)}&query=${asked}`;
  // The page draws the graph; there is no picture of it to be had elsewhere.
  const links = { query_url: page, graph_image_url: page };
  const head = JSON.stringify({ query, id: job.id, complete: job.data !== undefined, links });
  return job.data === undefined ? head : `${head.slice(0, -1)},"data":${job.data}}`;
}
