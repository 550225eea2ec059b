import type { Tool } from './core/tools/tool.ts';
import { findCausesTool } from './parts/causes/tools/causes.ts';
import { getTriggers } from './parts/check/tools/triggers.ts';
import { getLogs } from './parts/logs/tools/logs.ts';
import { getServiceMap } from './parts/map/tools/service-map.ts';
import { getDataset, getEnvironment, getWorkspaceContext } from './parts/mcp/tools/workspace.ts';
import { runBubbleUp } from './parts/query/tools/bubbleup.ts';
import { findColumns, getDatasetColumns } from './parts/query/tools/columns.ts';
import { getQueryResults, runQueryTool } from './parts/query/tools/query.ts';
import { findQueries, listBoards } from './parts/query/tools/saved-queries.ts';
import { trySampling } from './parts/sampling/tools/sampling.ts';
import { compareTwoTraces, getCriticalPath } from './parts/trace/tools/trace-analysis.ts';
import { findTracesTool, getTrace } from './parts/trace/tools/traces.ts';
import { verifyTelemetry } from './parts/verify/tools/verify.ts';

/** In the order in which an agent needs them. */
export const TOOLS: readonly Tool[] = [
  getWorkspaceContext,
  getEnvironment,
  getDataset,
  getDatasetColumns,
  findColumns,
  findQueries,
  listBoards,
  getTriggers,
  runQueryTool,
  getQueryResults,
  runBubbleUp,
  findTracesTool,
  getTrace,
  getCriticalPath,
  compareTwoTraces,
  getServiceMap,
  getLogs,
  findCausesTool,
  verifyTelemetry,
  trySampling,
];
