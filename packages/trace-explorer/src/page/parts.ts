import { part as agents } from '../parts/agents/page/part.ts';
import { part as causes } from '../parts/causes/page/part.ts';
import { part as forward } from '../parts/forward/page/part.ts';
import { part as logs } from '../parts/logs/page/part.ts';
import { part as map } from '../parts/map/page/part.ts';
import { part as overview } from '../parts/overview/page/part.ts';
import { part as query } from '../parts/query/page/part.ts';
import { part as report } from '../parts/report/page/part.ts';
import { part as sampling } from '../parts/sampling/page/part.ts';
import { part as savedTrace } from '../parts/saved-trace/page/part.ts';
import { part as trace } from '../parts/trace/page/part.ts';
import { part as traces } from '../parts/traces/page/part.ts';
import { part as tryIt } from '../parts/try/page/part.ts';
import { part as verify } from '../parts/verify/page/part.ts';
import { part as webTracing } from '../parts/web-tracing/page/part.ts';
import type { PagePart } from './part.ts';

/** All parts of the page, in the order of its menu. */
export const pageParts: readonly PagePart[] = [
  overview,
  query,
  traces,
  logs,
  map,
  verify,
  tryIt,
  causes,
  trace,
  agents,
  sampling,
  report,
  savedTrace,
  forward,
  webTracing,
];
