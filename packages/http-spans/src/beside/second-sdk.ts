/** The app starts an SDK of its own, which cannot replace what this package has registered. With a stack, once per part. */
const SECOND_SDK = /^Error: @opentelemetry\/api: Attempted duplicate registration of API/;

/** Whether a diagnostic of OpenTelemetry's API says that the process has a second SDK. */
export function isOfSecondSdk(message: string): boolean {
  return SECOND_SDK.test(message);
}
