import type { SignalName } from '../export/signal.ts';
import { SPANS } from '../export/signal.ts';
import type { ExportFailure } from '../failures/export-failure.ts';
import { logSafeText, logSafeUrl } from '../failures/log-safe.ts';
import { proxyNote } from '../failures/proxy.ts';
import { HONEYCOMB_EU, HONEYCOMB_US } from '../honeycomb/endpoint.ts';
import type { Advice } from './advice.ts';
import type { Explanation, Place } from './failure-explanations.ts';
import { EXPLANATIONS } from './failure-explanations.ts';

/** Where OTLP receivers for developers listen. */
const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
const OTLP_HTTP_PORT = '4318';

/** What a description of a failure may say, and what not. */
export interface DescribeOptions {
  /** Values that must not show, whatever a backend echoes: the API keys in use. */
  readonly secrets?: readonly string[];
  readonly advice?: Advice;
  /** What could not be sent; default spans. */
  readonly signal?: SignalName;
}

/** Says in plain words why an export failed and what to do about it; two or three short sentences, one line. */
export function describeExportFailure(failure: ExportFailure, options: DescribeOptions = {}): string {
  const { what, todo } = explainExportFailure(failure, options);
  return `${what} ${todo}`;
}

/** The same in two parts: why an export failed, and what to do about it. */
export function explainExportFailure(failure: ExportFailure, options: DescribeOptions = {}): Explanation {
  const { secrets = [], advice = {}, signal = SPANS } = options;
  const { what, todo } = EXPLANATIONS[failure.cause](failure, placeOf(failure.url), advice, signal);
  const said = failure.detail === undefined ? '' : ` ("${logSafeText(failure.detail, secrets)}")`;
  const place = logSafeUrl(failure.url, secrets);
  return {
    what: `${signal.Items} could not be sent to ${place}: ${what}${said}.${proxyNote(failure.url)}`,
    todo,
  };
}

function placeOf(url: string): Place {
  if (!URL.canParse(url)) return { host: url, port: '', honeycomb: undefined, isLocalReceiver: false };
  const { hostname, port, protocol, origin } = new URL(url);
  const effectivePort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const honeycomb = origin === HONEYCOMB_US ? 'US' : origin === HONEYCOMB_EU ? 'EU' : undefined;
  const isLocalReceiver = effectivePort === OTLP_HTTP_PORT && LOCAL_HOSTS.includes(hostname);
  return { host: hostname, port: effectivePort, honeycomb, isLocalReceiver };
}
