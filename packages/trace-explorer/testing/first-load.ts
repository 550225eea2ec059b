/** Kilobytes, gzipped, that a view loads at most before it shows something, without fonts: the shell, its styles, its own chunks. */
export const FIRST_LOAD_KB: Readonly<Record<string, number>> = {
  overview: 49.2,
  query: 68.7,
  traces: 44,
  logs: 51.4,
  map: 49.2,
  try: 50,
  verify: 42.4,
  service: 49.2,
  trace: 91.8,
  cause: 48.1,
  conversation: 50.3,
  sampling: 45,
  runs: 41.5,
  report: 43.7,
};
