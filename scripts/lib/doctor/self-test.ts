import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding, SelfTest } from '@tandem/telemetry/doctor';
import { startSelfTest } from '@tandem/telemetry/doctor';
import type { TraceAnswer } from '../../../packages/trace-explorer/src/command/explorer-client.ts';
import { CliError, ExplorerClient } from '../../../packages/trace-explorer/src/command/explorer-client.ts';
import type { Addresses } from '../addresses.ts';
import { localUrl } from '../addresses.ts';
import { callOf } from '../root.ts';
import type { DestinationExports, Service } from './service-exports.ts';
import { readServiceExports } from './service-exports.ts';

const check = 'self-test';

/** The service of the trace's first span. */
const SERVICE_NAME = 'tandem-doctor';
/** Both services' spans must be in the trace. */
const SERVICES = ['activities-api', 'user-lookup'] as const;

/** Milliseconds to wait for the API's answer. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Milliseconds that spans have to arrive: the services send a batch some hundred milliseconds after its first span. */
const ARRIVAL_MS = 10_000;

/** The input of the self-test. */
export interface SelfTestOptions {
  readonly addresses: Addresses;
  /** The services' settings. */
  readonly settings: Parameters<typeof startSelfTest>[0];
  /** Destinations that failed an earlier check. The self-test sends them nothing and says nothing about them. */
  readonly failed: ReadonlySet<string>;
  /** EXPLORER_TOKEN. */
  readonly explorerToken: string | undefined;
}

/** Sends one trace through both services, and looks for it at every destination. */
export async function runSelfTest({
  addresses,
  settings: all,
  failed,
  explorerToken,
}: SelfTestOptions): Promise<Finding[]> {
  const settings = { ...all, destinations: all.destinations.filter(({ name }) => !failed.has(name)) };
  const api = localUrl(addresses, 'api');
  const services = [
    { name: SERVICES[0], url: api },
    { name: SERVICES[1], url: localUrl(addresses, 'userLookup') },
  ];
  // user-lookup may be in a container without a published port; activities-api's answer says whether it is reached.
  if (!(await isAlive(api))) {
    const what = `Not sent: activities-api (${api}) does not answer.`;
    const fix = `Start it with ${callOf('dev')}, then ask again in another terminal.`;
    return [{ check, level: 'warning', what, fix }];
  }
  const explorer = new ExplorerClient(localUrl(addresses, 'page'), explorerToken);
  const before = new Map(
    await Promise.all(services.map(async (service) => [service, await readServiceExports(service)] as const)),
  );
  const test = startSelfTest(settings, SERVICE_NAME, {
    startReceiver: callOf('dev'),
    checkKey: callOf('honeycomb:check'),
  });
  const { traceId, findings } = await request(api, test);
  const problem = findings.find(({ level }) => level === 'problem')?.what;
  const answers = await test.deliver(problem);
  const sends = settings.destinations.some(({ url }) => new URL(url).origin === addresses.otlp.origin);
  const arrivals = await Promise.all([
    ...(sends ? [arrivesInExplorer(explorer, traceId)] : []),
    ...services.map((service) => sendsItsSpans(service, settings, failed, before.get(service))),
  ]);
  return [...findings, ...answers, ...arrivals.flat()];
}

async function isAlive(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(5_000); // the process may be busy
    return (await fetch(`${url}/health/live`, { signal })).ok;
  } catch {
    return false;
  }
}

/** Sends the request, and checks that its answer belongs to the trace that began here. */
async function request(api: string, test: SelfTest): Promise<{ traceId: string; findings: Finding[] }> {
  const url = `${api}/api/activities/home`;
  let response: Response;
  let body: string;
  try {
    response = await fetch(url, { headers: test.headers, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    body = await response.text();
  } catch (error) {
    const what = `GET ${url} was not answered: ${error instanceof Error ? error.message : error}.`;
    return { traceId: test.traceId, findings: [problem(what, 'See the output of activities-api.')] };
  }
  const findings: Finding[] = [];
  if (!response.ok)
    findings.push(
      problem(`GET ${url} was answered ${response.status}.`, 'See the output of activities-api.'),
    );
  if (body.includes('"degraded":true'))
    findings.push(
      problem(
        'activities-api did not reach user-lookup: its answer has no names in it.',
        'USER_LOOKUP_URL must be where user-lookup listens; see its output.',
      ),
    );
  const [, traceId, flags = ''] =
    /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})/.exec(response.headers.get('traceresponse') ?? '') ?? [];
  if (traceId === undefined) {
    findings.push(
      problem(
        'The answer has no traceresponse: activities-api runs without tracing.',
        'Unset OTEL_SDK_DISABLED, and start it again.',
      ),
    );
    return { traceId: test.traceId, findings };
  }
  if (traceId !== test.traceId)
    findings.push({
      check,
      level: 'note',
      what: 'activities-api began a trace of its own, as with PUBLIC_EDGE=true, or with other OTEL_PROPAGATORS than here.',
      fix: 'If that is not meant: unset PUBLIC_EDGE and OTEL_PROPAGATORS, and start it again.',
    });
  if ((Number.parseInt(flags, 16) & 1) === 0)
    findings.push(
      problem('activities-api did not sample the request.', 'Unset OTEL_TRACES_SAMPLER, and start it again.'),
    );
  if (findings.length === 0)
    findings.push({
      check,
      level: 'ok',
      what: `Trace ${traceId} went through both services.`,
      data: { trace_id: traceId },
    });
  return { traceId, findings };
}

/** Looks for the trace until spans of both services and its root are there. */
async function arrivesInExplorer(client: ExplorerClient, traceId: string): Promise<Finding[]> {
  let trace: TraceAnswer | undefined;
  let reason = 'none of its spans has come';
  for (const end = performance.now() + ARRIVAL_MS; performance.now() < end; await sleep(250)) {
    try {
      trace = await client.trace(traceId, 100);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      reason = error.message;
      continue;
    }
    if (trace !== undefined && missingIn(trace).length === 0) {
      const what = `Arrived in the explorer: ${trace.spans_total} spans of ${trace.services.length} services. ${client.linkTo(traceId)}`;
      return [{ check, level: 'ok', what }];
    }
  }
  if (trace === undefined) {
    const what = `The explorer does not have the trace: ${reason}`;
    return [
      problem(what, 'Is what listens on its port another explorer, or one with another EXPLORER_TOKEN?'),
    ];
  }
  const what = `Spans of ${missingIn(trace).join(' and ')} did not arrive in the explorer within ${ARRIVAL_MS / 1000} s. ${client.linkTo(traceId)}`;
  return [problem(what, 'See the output of that service: it says why spans could not be sent.')];
}

function missingIn({ services }: TraceAnswer): string[] {
  return SERVICES.filter((name) => !services.some((each) => each.name === name));
}

/**
 * Whether each destination of a service took spans since the request, by the service's counters, and whether the service
 * has every destination of the settings: it keeps the settings from its start.
 */
async function sendsItsSpans(
  service: Service,
  { destinations }: SelfTestOptions['settings'],
  failed: SelfTestOptions['failed'],
  before: readonly DestinationExports[] | undefined,
): Promise<Finding[]> {
  const { name } = service;
  if (before === undefined) {
    const fix = 'To have it checked, start with EXPOSE_METRICS=true.';
    return [{ check, level: 'note', what: `${name} does not show its counters (/metrics).`, fix }];
  }
  let after = before;
  const examined = (all: readonly DestinationExports[]) => all.filter((each) => !failed.has(each.name));
  const isTaken = (each: DestinationExports) =>
    each.exported > (before.find((one) => one.name === each.name)?.exported ?? 0);
  for (const end = performance.now() + ARRIVAL_MS; performance.now() < end; await sleep(250)) {
    after = (await readServiceExports(service)) ?? [];
    if (examined(after).every((each) => isTaken(each) || each.lastError !== undefined)) break;
  }
  const missing = destinations.filter((each) => !after.some((one) => one.name === each.name));
  return [
    ...examined(after).map((each) => describeExport(name, each, isTaken(each))),
    ...missing.map((each) =>
      problem(
        `${name} runs without ${each.name === 'honeycomb' ? 'HONEYCOMB_API_KEY' : (DESTINATIONS[each.name] ?? each.name)}: it was started before that was set.`,
        START_AGAIN,
      ),
    ),
  ];
}

function describeExport(service: string, { name, lastError }: DestinationExports, isTaken: boolean): Finding {
  const destination = DESTINATIONS[name] ?? name;
  if (isTaken && lastError === undefined)
    return { check, level: 'ok', what: `${service}: ${destination} took its spans.` };
  const why =
    lastError ??
    `Nothing was taken within ${ARRIVAL_MS / 1000} s. The log of ${service} has the reason in words.`;
  const older = / 40[13],/.test(lastError ?? '')
    ? ` Was the key changed since it started? ${START_AGAIN}`
    : '';
  return problem(
    `${service} could not send its spans to ${destination}. ${why}`,
    `They wait on disk meanwhile.${older}`,
  );
}

/** Destinations in words, by their name in /metrics. */
const DESTINATIONS: Readonly<Record<string, string>> = {
  otlp: 'the OTLP endpoint',
  honeycomb: 'Honeycomb',
};

const START_AGAIN =
  'Start it again. In a container that is docker compose up -d: after docker compose restart it has the environment of before.';

function problem(what: string, fix: string): Finding {
  return { check, level: 'problem', what, fix };
}
