/**
 * Kilobytes, gzipped, that a view loads before it shows something, without fonts: the shell, its styles, its own chunks. As
 * last counted: the test lets a view have 2 % more, so that not every change writes them anew.
 */
export const FIRST_LOAD_KB: Readonly<Record<string, number>> = {
  overview: 45.6,
  query: 64.4,
  traces: 40.3,
  logs: 46.4,
  map: 44.8,
  try: 43,
  verify: 38.8,
  service: 45.6,
  trace: 73.8,
  cause: 44.1,
  conversation: 48.1,
  sampling: 40,
  runs: 39,
  report: 42.3,
};
