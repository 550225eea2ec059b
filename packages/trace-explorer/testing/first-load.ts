/** Kilobytes, gzipped, that a view loads at most before it shows something, without fonts: the shell, its styles, its own chunks. */
export const FIRST_LOAD_KB: Readonly<Record<string, number>> = {
  overview: 45.8,
  query: 65,
  traces: 40.5,
  logs: 46.5,
  map: 45.3,
  try: 45.8,
  verify: 39.1,
  service: 45.8,
  trace: 90.2,
  cause: 44.2,
  conversation: 48.4,
  sampling: 41.5,
  runs: 39.4,
  report: 43.3,
};
