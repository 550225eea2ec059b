import type { Part } from './core/door/part.ts';
import { part as agents } from './parts/agents/part.ts';
import { part as causes } from './parts/causes/part.ts';
import { part as check } from './parts/check/part.ts';
import { part as files } from './parts/files/part.ts';
import { part as forward } from './parts/forward/part.ts';
import { part as logs } from './parts/logs/part.ts';
import { part as map } from './parts/map/part.ts';
import { part as mcp } from './parts/mcp/part.ts';
import { part as overview } from './parts/overview/part.ts';
import { part as pull } from './parts/pull/part.ts';
import { part as query } from './parts/query/part.ts';
import { part as report } from './parts/report/part.ts';
import { part as run } from './parts/run/part.ts';
import { part as sampling } from './parts/sampling/part.ts';
import { part as savedTrace } from './parts/saved-trace/part.ts';
import { part as trace } from './parts/trace/part.ts';
import { part as traces } from './parts/traces/part.ts';
import { part as tryIt } from './parts/try/part.ts';
import { part as verify } from './parts/verify/part.ts';
import { part as webTracing } from './parts/web-tracing/part.ts';
import { part as xray } from './parts/xray/part.ts';

/** Every part, in the order of the menu; then those without a view in it. */
export const parts: readonly Part[] = [
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
  check,
  files,
  pull,
  savedTrace,
  forward,
  webTracing,
  run,
  mcp,
  xray,
];
