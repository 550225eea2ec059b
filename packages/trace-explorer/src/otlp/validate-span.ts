/** Why a span cannot be kept; undefined when it can. A trace or span without a valid id could never be found. */
export function invalidSpanReason(traceId: string, spanId: string): string | undefined {
  return idProblem('trace_id', traceId, 16) ?? idProblem('span_id', spanId, 8);
}

function idProblem(name: string, id: string, bytes: number): string | undefined {
  if (id.length !== bytes * 2) return `${name} has ${id.length / 2} bytes instead of ${bytes}`;
  return id === (bytes === 16 ? NO_TRACE : NO_SPAN) ? `${name} is all zeros` : undefined;
}

const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** Some clients send zeros for "no parent". */
export function parentSpanIdOf(id: string): string {
  return id === NO_SPAN ? '' : id;
}
