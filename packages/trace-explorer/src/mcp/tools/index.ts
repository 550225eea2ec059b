import type { Tool } from '../tool.ts';
import { runBubbleUp } from './bubbleup.ts';
import { findCausesTool } from './causes.ts';
import { findColumns, getDatasetColumns } from './columns.ts';
import { getLogs } from './logs.ts';
import { getQueryResults, runQueryTool } from './query.ts';
import { trySampling } from './sampling.ts';
import { findQueries, listBoards } from './saved-queries.ts';
import { getServiceMap } from './service-map.ts';
import { compareTwoTraces, getCriticalPath } from './trace-analysis.ts';
import { findTracesTool, getTrace } from './traces.ts';
import { getSlos, getTriggers } from './triggers.ts';
import { verifyTelemetry } from './verify.ts';
import { getDataset, getEnvironment, getWorkspaceContext } from './workspace.ts';

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
  getSlos,
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
