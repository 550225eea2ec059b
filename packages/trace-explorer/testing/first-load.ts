/** Kilobytes, gzipped, that a view loads at most before it shows something, without fonts: the shell, its styles, its own chunks. */
export const FIRST_LOAD_KB: Readonly<Record<string, number>> = {
  overview: 45.8,
  query: 64.9,
  traces: 40.5,
  logs: 46.6,
  map: 45.1,
  try: 45.7,
  verify: 39.1,
  service: 45.8,
  trace: 85,
  cause: 44.2,
  conversation: 48.3,
  sampling: 40.3,
  runs: 39.3,
  report: 42.6,
};
