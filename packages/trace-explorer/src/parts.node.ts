import type { NodePart } from './core/door/node.ts';
import { node as agents } from './parts/agents/part.node.ts';
import { node as causes } from './parts/causes/part.node.ts';
import { node as check } from './parts/check/part.node.ts';
import { node as files } from './parts/files/part.node.ts';
import { node as forward } from './parts/forward/part.node.ts';
import { node as known } from './parts/known/part.node.ts';
import { node as logs } from './parts/logs/part.node.ts';
import { node as map } from './parts/map/part.node.ts';
import { node as mcp } from './parts/mcp/part.node.ts';
import { node as overview } from './parts/overview/part.node.ts';
import { node as pull } from './parts/pull/part.node.ts';
import { node as query } from './parts/query/part.node.ts';
import { node as report } from './parts/report/part.node.ts';
import { node as run } from './parts/run/part.node.ts';
import { node as sampling } from './parts/sampling/part.node.ts';
import { node as savedTrace } from './parts/saved-trace/part.node.ts';
import { node as trace } from './parts/trace/part.node.ts';
import { node as traces } from './parts/traces/part.node.ts';
import { node as tryIt } from './parts/try/part.node.ts';
import { node as verify } from './parts/verify/part.node.ts';
import { node as webTracing } from './parts/web-tracing/part.node.ts';

/** Every part, in the order of the menu; then those without a view in it. */
export const nodeParts: readonly NodePart[] = [
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
  known,
  check,
  files,
  pull,
  savedTrace,
  forward,
  webTracing,
  run,
  mcp,
];
