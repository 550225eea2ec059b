/** A backend's words about the rejected items of a request. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly errorMessage?: string | undefined;
}

const OF_PARTIAL_SUCCESS = /^Received Partial Success/;

let said: PartialSuccess | undefined;

/**
 * Reads a warning of OpenTelemetry's diagnostics. The official exporter tells of rejected items only in a warning, right
 * before the exporter calls back with success. So the logger of `diag.setLogger` has to pass each warning to this function.
 * Without such a logger, rejected items count as exported.
 *
 * @returns whether the warning is about a partial success, and needs no line of its own
 */
export function readPartialSuccess(message: string, details: unknown): boolean {
  if (!OF_PARTIAL_SUCCESS.test(message)) return false;
  const { rejectedSpans = 0, rejectedLogRecords = 0, errorMessage } = JSON.parse(String(details));
  said = { rejected: Number(rejectedSpans) + Number(rejectedLogRecords), errorMessage };
  return true;
}

/** Takes the partial success of the request that has just succeeded; undefined when the backend took every item. */
export function takePartialSuccess(): PartialSuccess | undefined {
  const taken = said;
  said = undefined;
  return taken;
}
