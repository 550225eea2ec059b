/**
 * The connections that a server takes at most (`maxConnections` of Node's servers): half of the file descriptors that the
 * system allows the process (`ulimit -n`). The other half is for files, databases and calls of other services. Further
 * connections are closed at once. Without a limit of the system, Infinity.
 *
 * @param servers the number of servers of this process, which share the half
 */
export function connectionLimit(servers = 1): number {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const descriptors = Number(userLimits?.open_files?.soft); // 'unlimited', or a number
  return Number.isNaN(descriptors) ? Number.POSITIVE_INFINITY : Math.ceil(descriptors / 2 / servers);
}
