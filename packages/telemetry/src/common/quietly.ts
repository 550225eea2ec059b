import { diag } from '@opentelemetry/api';

/** Does work that must not fail in front of others: an error in the listener of an emitter would end the process. */
export function quietly(work: () => void): void {
  try {
    work();
  } catch (error) {
    diag.debug('A part of tracing failed', error);
  }
}
