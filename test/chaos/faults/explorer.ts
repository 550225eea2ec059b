import { request } from 'node:http';
import { encodeTraces } from '@tandem/otlp';
import { decoded, randomId } from '@tandem/otlp/testing';
import type { Cause, Fault, Promised } from '../fault.ts';
import { UNNOTICED } from '../fault.ts';
import type { Stage } from '../stage.ts';

const stage = { usesExplorer: true } as const;
/** Waiting bodies go on after a pause of at most 5 s, and the spans that the explorer had not taken after another. */
const LATER: Promised = { ...UNNOTICED, spansWithin: 20 };
/** More than send at a time. */
const DATASETS = 40;
const SENDERS = 20;
/** Bytes of a large body and of its spans, and milliseconds after which its sender gives up. */
const [LARGE_BYTES, SPAN_BYTES, PATIENCE_MS] = [3 * 1024 * 1024, 1024, 4000];
/** Milliseconds after which a body counts as never taken. */
const NEVER_MS = 60_000;
/** So many large bodies take most of a small machine's time. */
const BUSY: Promised = { ...LATER, atTimes: ['200 degraded', '503 with Retry-After'] };

const datasets = Array.from({ length: DATASETS }, (_, index) => `chaos-${index}`);
const newSpan = () => ({ name: 'of another sender', traceId: randomId(16), spanId: randomId(8) });
const bodyOf = (span = newSpan()) => Buffer.from(encodeTraces(decoded([span])));

/** Begins a request of spans with a dataset. */
function open({ explorer }: Stage, dataset: string, body: Buffer) {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-length': body.byteLength,
    'x-honeycomb-dataset': dataset,
  };
  return request(`${explorer?.otlp}/v1/traces`, { method: 'POST', headers, agent: false });
}

/** Sends a span for each dataset. @throws Error for an answer other than 200 */
async function sendAll(stage: Stage): Promise<void> {
  for (const dataset of datasets) {
    const span = newSpan();
    const body = bodyOf(span);
    await new Promise<void>((resolve, reject) => {
      const sent = open(stage, dataset, body).on('error', reject);
      sent.on('response', (answer) =>
        answer.resume().statusCode === 200
          ? resolve()
          : reject(new Error(`${dataset} got ${answer.statusCode}`)),
      );
      sent.end(body);
    });
    stage.ledger.acknowledged(span);
  }
}

/** @throws Error where the explorer's tee has dropped or lost sight of something that was taken */
async function assertKept({ explorer }: Stage): Promise<void> {
  const { forward } = Object(await (await fetch(`${explorer?.page}/api/status`)).json());
  const { taken, forwarded, waiting, refused, dropped } = forward.traces;
  if (dropped > 0 || taken !== forwarded + waiting + refused)
    throw new Error(`of the taken spans some do not go on: ${JSON.stringify(forward.traces)}`);
}

const SLOW: Cause = {
  async inject(stage) {
    const body = bodyOf();
    const slow = open(stage, 'slow', body).on('error', () => {});
    slow.write(body.subarray(0, 10));
    await sendAll(stage);
    const answered = new Promise((resolve) =>
      slow.once('response', (response) => resolve(response.resume())),
    );
    slow.end(body.subarray(10));
    await answered;
  },
  mend: assertKept,
};

const MANY: Cause = {
  async inject(stage) {
    await stage.wayToBackend.become('refuse');
    await sendAll(stage);
  },
  async mend(stage) {
    await assertKept(stage);
    await stage.wayToBackend.become('forward');
  },
};

const KILLED: Cause = {
  inject: MANY.inject,
  async mend({ explorer, wayToBackend }) {
    await explorer?.kill();
    explorer?.setClockBack();
    await wayToBackend.become('forward');
    await explorer?.restart();
  },
};

/** Senders that give up before the answer, and send their body again until it is taken. */
const IMPATIENT: Cause & { taken: Promise<unknown> } = {
  taken: Promise.resolve(),
  inject(stage) {
    IMPATIENT.taken = Promise.all(Array.from({ length: SENDERS }, () => sendUntilTaken(stage)));
    IMPATIENT.taken.catch(() => {}); // `mend` throws it
  },
  mend: () => IMPATIENT.taken,
};

/** @throws Error for a body that is not taken within a minute */
async function sendUntilTaken(stage: Stage): Promise<void> {
  const over = AbortSignal.timeout(NEVER_MS);
  const spans = Array.from({ length: LARGE_BYTES / SPAN_BYTES }, (_, index) => ({
    name: `large ${index}`,
    traceId: randomId(16),
    spanId: randomId(8),
    attributes: { text: 'x'.repeat(SPAN_BYTES) },
  }));
  const body = Buffer.from(encodeTraces(decoded(spans)));
  for (let isTaken = false; !isTaken; ) {
    if (over.aborted) throw new Error('a large body is not taken, however often it is sent');
    isTaken = await new Promise<boolean>((resolve) => {
      const sent = open(stage, '', body).setTimeout(PATIENCE_MS, () => sent.destroy());
      sent.on('response', (answer) => resolve(answer.resume().statusCode === 200));
      sent.on('error', () => resolve(false));
      sent.end(body);
    });
  }
}

export const explorerFaults: readonly Fault[] = [
  {
    name: 'explorer-slow-sender',
    what: `a body comes slowly while ${DATASETS} other datasets send`,
    promised: LATER,
    cause: SLOW,
    stage,
  },
  {
    name: 'explorer-many-datasets',
    what: `EXPLORER_FORWARD's address is away, and ${DATASETS} datasets send`,
    promised: LATER,
    cause: MANY,
    stage,
  },
  {
    name: 'explorer-sigkill-clock',
    what: `EXPLORER_FORWARD's address is away, ${DATASETS} datasets send, the explorer gets SIGKILL, and the clock is set back by an hour before its start`,
    promised: LATER,
    cause: KILLED,
    stage,
  },
  {
    name: 'explorer-impatient-senders',
    what: `${SENDERS} senders of 3 MiB give up after ${PATIENCE_MS / 1000} s and send again until they are taken`,
    promised: BUSY,
    cause: IMPATIENT,
    stage,
  },
];
