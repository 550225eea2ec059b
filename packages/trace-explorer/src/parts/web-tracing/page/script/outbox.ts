import { otlpRequest } from '../otlp-request.ts';
import { addPhases } from '../request-span.ts';
import type { SpanContext, WebSpan } from '../web-span.ts';
import { now } from '../web-span.ts';
import { say } from './say.ts';

/** Where spans are sent. The server writes it in front of the script. */
declare const OTLP_ENDPOINT: string;

const RECEIVER = `${OTLP_ENDPOINT}/v1/traces`;
const SERVICE = document.currentScript?.dataset.service || 'web';
/** Milliseconds from a span's end until it is sent. By then the browser has the timings of its request. */
const DELAY_MS = 500;
/** Most spans that wait: a page in a loop loses the rest. */
const MAX_WAITING = 1000;
/** Characters of one request. Browsers hold at most 64 KiB of requests that outlive a page. */
const MAX_OUTLIVING = 60_000;

const open = new Set<WebSpan>();
let ended: WebSpan[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let isAway = false;
let last: WebSpan | undefined;

/**
 * Whether a request gets a span: not to other schemes, and not an export of spans. After the first failure none does, until the
 * page is loaded again.
 */
export function isTraced({ protocol, href }: URL): boolean {
  return !isAway && /^https?:$/.test(protocol) && !href.startsWith(`${OTLP_ENDPOINT}/`);
}

/** Remembers a span. A page change ends and sends the open spans. */
export function opened(span: WebSpan): WebSpan {
  open.add(span);
  return span;
}

/** Sends an ended span soon. Sends nothing when it was sent before. */
export function closed(span: WebSpan): void {
  if (!open.delete(span) || isAway) return;
  if (span.kind === 'client') last = span;
  if (ended.length < MAX_WAITING) ended.push(span);
  timer ??= setTimeout(() => send(false), DELAY_MS);
}

/** The request with the newest answer. Undefined when the answer is older than `withinMs`, in milliseconds. */
export function lastRequest(withinMs: number): SpanContext | undefined {
  return last !== undefined && now() - last.end < withinMs ? last : undefined;
}

/** Sends open and ended spans, because the page may be gone in a moment. */
export function sendBeforeLeaving(): void {
  for (const span of open) {
    span.end = now();
    closed(span);
  }
  send(true);
}

function send(isLeaving: boolean): void {
  clearTimeout(timer);
  timer = undefined;
  const spans = ended;
  ended = [];
  if (spans.length === 0 || isAway) return;
  for (const span of spans) if (span.kind === 'client') addPhases(span);
  const body = otlpRequest(SERVICE, 'tandem.trace-js', spans);
  post(body, isLeaving && body.length < MAX_OUTLIVING).catch((error: unknown) => {
    if (isLeaving) return;
    isAway = true;
    say(
      `${RECEIVER} takes no spans of this page (${error}), so the page sends no spans until somebody loads it again. Is the explorer running? Does the page's Content-Security-Policy allow the address in connect-src?`,
    );
  });
}

/** The page's own `fetch`, which makes no span. A beacon would send cookies, and no preflight lets OTLP's content type pass with them. */
const { fetch } = window;

/** @throws Error without an answer, and for an answer that is an error */
async function post(body: string, keepalive: boolean): Promise<void> {
  const { ok, status } = await fetch(RECEIVER, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    credentials: 'omit',
    keepalive,
    body,
  });
  if (!ok) throw new Error(`status ${status}`);
}
