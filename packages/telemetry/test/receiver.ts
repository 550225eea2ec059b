import type { Answer, OtlpReceiver } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';

/** Starts a backend with this answer, and closes the backend after the test. */
export async function startReceiver(
  t: { teardown(handler: () => unknown): void },
  answer?: Answer,
  options: Parameters<typeof startOtlpReceiver>[0] = {},
): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver(options);
  if (answer !== undefined) receiver.answer = () => answer;
  t.teardown(() => receiver.close());
  return receiver;
}
