import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding, SelfTest } from '@tandem/telemetry/doctor';
import { carriesTraces, startSelfTest } from '@tandem/telemetry/doctor';
import {
  CliError,
  ExplorerClient,
} from '../../../packages/trace-explorer/src/core/command/client/explorer-client.ts';
import type { TraceDescription } from '../../../packages/trace-explorer/src/core/traces/forms/describe-trace.ts';
import { callOf } from '../../../tools/root.ts';
import type { Addresses } from '../addresses.ts';
import { localUrl } from '../addresses.ts';

const check = 'self-test';

/** The service of the trace's first span. */
const SERVICE_NAME = 'tandem-doctor';
/** Both services' spans must be in the trace. */
const SERVICES = ['activities-api', 'user-lookup'] as const;

/** Milliseconds to wait for the API's answer. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Milliseconds that spans have to arrive: the services send a batch some hundred milliseconds after its first span. */
const ARRIVAL_MS = 10_000;

export interface SelfTestOptions {
  readonly addresses: Addresses;
  /** The services' settings. The span of this process goes to their destinations. */
  readonly settings: Parameters<typeof startSelfTest>[0];
  readonly explorerToken: string | undefined;
}

/** Sends one trace through both services, and looks for the trace in the explorer. */
export async function runSelfTest({
  addresses,
  settings,
  explorerToken,
}: SelfTestOptions): Promise<Finding[]> {
  const api = localUrl(addresses, 'api');
  const test = startSelfTest(settings, SERVICE_NAME);
  const isOneTrace = carriesTraces(settings);
  // A parent that no backend gets would leave a torn trace with the services' spans.
  const headers = settings.destinations.length === 0 ? {} : test.headers;
  const answer = await request(api, { ...test, headers }, isOneTrace).catch((error: Error) => error);
  if (answer instanceof Error) {
    const what = `activities-api (${api}) does not answer: ${answer.message}.`;
    const fix = `Start it with ${callOf('dev')}, then ask again in another terminal.`;
    return [{ check, level: 'warning', what, fix }];
  }
  const { traceId, findings } = answer;
  const answers = await test.deliver(findings.find(({ level }) => level === 'problem')?.what);
  const explorer = new ExplorerClient(localUrl(addresses, 'page'), explorerToken);
  const isSent = settings.destinations.some(({ url }) => new URL(url).origin === addresses.otlp.origin);
  return [
    ...findings,
    ...answers,
    ...(isSent && isOneTrace ? [await arrivesInExplorer(explorer, traceId)] : []),
  ];
}

/**
 * Sends the request, and checks its answer.
 *
 * @param isOneTrace whether the services carry traces on
 * @throws Error when no answer comes
 */
async function request(
  api: string,
  test: SelfTest,
  isOneTrace: boolean,
): Promise<{ traceId: string; findings: Finding[] }> {
  const url = `${api}/api/activities/home`;
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const response = await fetch(url, { headers: test.headers, signal });
  const body = await response.text();
  const [, answered, flags = ''] =
    /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})/.exec(response.headers.get('traceresponse') ?? '') ?? [];
  const traceId = answered ?? test.traceId;
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  const findings = [
    !response.ok && problem(`GET ${url} got ${response.status}.`, 'See the output of activities-api.'),
    body.includes('"degraded":true') &&
      problem(
        'activities-api did not reach user-lookup: its answer has no names in it.',
        'USER_LOOKUP_URL must be where user-lookup listens; see its output.',
      ),
    answered === undefined &&
      problem(
        `The answer of ${url} has no traceresponse: another program answers there, or activities-api runs without tracing.`,
        'Set BACKEND_URL in .env to where activities-api listens; or unset OTEL_SDK_DISABLED, and start it again.',
      ),
    answered !== undefined &&
      !isSampled &&
      problem('activities-api did not sample the request.', 'Unset OTEL_TRACES_SAMPLER, and start it again.'),
    !isOneTrace &&
      problem(
        'activities-api answered in a trace of its own, and so does user-lookup.',
        'Unset OTEL_PROPAGATORS, or add tracecontext, and start both again.',
      ),
  ].filter((each) => each !== false);
  if (findings.length > 0) return { traceId, findings };
  const what = `Trace ${traceId} went through both services.`;
  return { traceId, findings: [{ check, level: 'ok', what, data: { trace_id: traceId } }] };
}

/** Looks for the trace until spans of both services and its root are there. */
async function arrivesInExplorer(client: ExplorerClient, traceId: string): Promise<Finding> {
  let trace: TraceDescription | undefined;
  let reason = '';
  for (const end = performance.now() + ARRIVAL_MS; performance.now() < end; await sleep(250)) {
    try {
      trace = await client.trace(traceId, 100);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      reason = error.message;
      continue;
    }
    if (missingIn(trace).length === 0) {
      const what = `Arrived in the explorer: ${trace.spans_total} spans of ${trace.services.length} services. ${client.linkTo(traceId)}`;
      return { check, level: 'ok', what };
    }
  }
  if (trace === undefined)
    return problem(
      `The explorer does not have the trace: ${reason}`,
      'Does another explorer listen on its port, or one with another EXPLORER_TOKEN?',
    );
  return problem(
    `Spans of ${missingIn(trace).join(' and ')} did not arrive in the explorer within ${ARRIVAL_MS / 1000} s. ${client.linkTo(traceId)}`,
    'See the output of that service: it says why spans stay there. With another OTEL_PROPAGATORS than its caller, it makes traces of its own.',
  );
}

function missingIn({ services }: TraceDescription): string[] {
  return SERVICES.filter((name) => !services.some((each) => each.name === name));
}

function problem(what: string, fix: string): Finding {
  return { check, level: 'problem', what, fix };
}
