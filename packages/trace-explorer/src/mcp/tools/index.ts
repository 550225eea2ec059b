import type { Tool } from '../tool.ts';
import { runBubbleUp } from './bubbleup.ts';
import { findCausesTool } from './causes.ts';
import { findColumns } from './columns.ts';
import { getLogs } from './logs.ts';
import { runQueryTool } from './query.ts';
import { trySampling } from './sampling.ts';
import { findQueries } from './saved-queries.ts';
import { getServiceMap } from './service-map.ts';
import { compareTwoTraces } from './trace-analysis.ts';
import { findTracesTool, getTrace } from './traces.ts';
import { getTriggers } from './triggers.ts';
import { verifyTelemetry } from './verify.ts';
import { getWorkspaceContext } from './workspace.ts';

/** In the order in which an agent needs them. */
export const TOOLS: readonly Tool[] = [
  getWorkspaceContext,
  findColumns,
  findQueries,
  getTriggers,
  runQueryTool,
  runBubbleUp,
  findTracesTool,
  getTrace,
  compareTwoTraces,
  getServiceMap,
  getLogs,
  findCausesTool,
  verifyTelemetry,
  trySampling,
];
