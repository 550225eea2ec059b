import type { Tool } from './tool.ts';

/**
 * What each tool answers, in the order in which an agent needs them: the order of `tools/list`, of the server's instructions,
 * and what `node tandem documents` writes into SKILL.md and docs/agents.md.
 */
export const TOOL_LIST: Readonly<Record<string, string>> = {
  what_is_wrong:
    'what is wrong since a time or of a run, worst first: each cause with its file and line, how many requests, since when, for whom, what to do, and a trace',
  get_trace:
    'one trace: what is wrong with it in sentences, with file and line, what it waited for, and its spans; or one span with all its fields',
  run_query: 'numbers over many requests by a Honeycomb query, such as P95 by route; rows or a series',
  get_workspace_context:
    'the time, how much is stored and since when, what was dropped, and which services sent last',
  get_environment: 'the datasets, which are the services',
  get_dataset: 'one of the datasets',
  get_dataset_columns: 'all columns with their types, and saved calculated fields',
  find_columns: 'the columns whose names contain the words of a text',
  find_queries: 'saved queries whose names, descriptions or columns contain the words of a text',
  list_boards: 'the saved queries as a board',
  get_triggers: 'the triggers of `checks/` and `triggers/` beside the saved queries, and which fire now',
  get_query_results: 'further rows of a query',
  run_bubbleup: 'how selected events differ from the rest, field by field',
  find_traces: 'traces in one line each, newest or slowest first',
  get_critical_path: 'what a trace waited for, by span and by service and name',
  compare_traces:
    'how one trace differs from another: own time by service, and the spans that changed most; of two attempts of a test, what the failed one did otherwise',
  get_service_map: 'services and databases, who calls whom, how often, how fast, and with how many errors',
  get_logs: 'log records by service, level, text, fields or trace',
  verify_telemetry:
    'whether a service’s telemetry is right: its score, what fails, a span that shows it, and how to mend it',
  try_sampling:
    'what sampling rules would keep, cost and lose of the stored traffic; rules for a number of events a month',
};

/** The first tools of the list: all that an agent has if it doesn't ask for all. */
export const FIRST_TOOLS: readonly string[] = Object.keys(TOOL_LIST).slice(0, 3);

/** Tools in the order of the list; any others at its end. @param all whether more than the first ones are wanted */
export function toolsInOrder(tools: readonly Tool[], all: boolean): readonly Tool[] {
  const names = all ? Object.keys(TOOL_LIST) : FIRST_TOOLS;
  const places = new Map(names.map((name, at) => [name, at]));
  const placeOf = ({ name }: Tool) => places.get(name) ?? names.length;
  return tools.filter(({ name }) => all || names.includes(name)).toSorted((a, b) => placeOf(a) - placeOf(b));
}
