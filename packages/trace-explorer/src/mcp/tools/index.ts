import type { Tool } from '../tool.ts';
import { runBubbleUp } from './bubbleup.ts';
import { findCauses } from './causes.ts';
import { findColumns, getDatasetColumns } from './columns.ts';
import { getLogs } from './logs.ts';
import { getQueryResults, runQueryTool } from './query.ts';
import { trySampling } from './sampling.ts';
import { findQueries } from './saved-queries.ts';
import { getServiceMap } from './service-map.ts';
import { compareTwoTraces, getCriticalPath } from './trace-analysis.ts';
import { findTraces, getTrace } from './traces.ts';
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
  runQueryTool,
  getQueryResults,
  runBubbleUp,
  findTraces,
  getTrace,
  getCriticalPath,
  compareTwoTraces,
  getServiceMap,
  getLogs,
  findCauses,
  verifyTelemetry,
  trySampling,
];
