import { hash } from 'node:crypto';
import { formatDuration } from '../../../lib/text/format-duration.ts';
import { counted, quoted } from '../../../lib/text/words.ts';
import { masked } from '../../redaction/masked.ts';
import { childrenOf } from '../../traces/model/children.ts';
import type { TraceModel } from '../../traces/model/trace-model.ts';
import { linkWait } from '../../traces/model/waits.ts';

/** Mermaid refuses a text of 50,000 characters. */
const MAX_TEXT = 40_000;
/** Calls within calls. */
const MAX_DEPTH = 40;

/** Participants without spans: the caller of roots, and the servers of calls without a SERVER span. */
const [CALLER, ELSEWHERE] = ['caller', 'elsewhere'];

/** One call, or several equal ones. */
interface Call {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly isError: boolean;
  readonly inner: readonly Call[];
  /** Equal for calls that look alike, with all calls within them. */
  readonly shape: string;
  /** Of a message of another trace, the queue in which it waited; its time is the wait. */
  readonly queue?: string;
  /** Number of spans that the line stands for, with the spans of the calls within it. */
  spans: number;
  times: number;
  nanoseconds: number;
}

/**
 * A trace as a Mermaid sequence diagram: a participant per service, a line per call, one line for equal calls. Names are
 * escaped. Of a large trace the diagram has the first calls, and the number of the other spans.
 */
export function renderMermaid(model: TraceModel): string {
  const calls = childrenOf(model, -1).flatMap((root) => callsOf(model, root, CALLER, 0));
  const participants = new Map<string, string>();
  const lines: string[] = [];
  const heads: string[] = [];
  let [size, left] = [0, 0];
  const write = (line: string, to = lines) => {
    to.push(`  ${line}`);
    size += line.length;
  };
  const idOf = (name: string) => {
    const id = participants.get(name) ?? `p${participants.size}`;
    if (!participants.has(name)) write(`participant ${id} as ${textOf(name)}`, heads);
    participants.set(name, id);
    return id;
  };
  const draw = (each: readonly Call[]) => {
    for (const { from, to, name, isError, inner, queue, spans, times, nanoseconds } of alike(each)) {
      if (size > MAX_TEXT) {
        left += spans;
        continue;
      }
      if (inner.length === 0) left += Math.max(0, spans - times); // too deep
      const [a, b] = [idOf(from), idOf(to)];
      const waited = queue === undefined ? '' : `waited${queue === '' ? '' : ` in ${textOf(queue)}`} `;
      const took = `${waited}${formatDuration(nanoseconds / 1e6)}${times > 1 ? ' in all' : ''}`;
      const what = `${textOf(name)}${times > 1 ? ` ×${times}` : ''}`;
      if (inner.length === 0) write(`${a}${isError ? '-x' : '->>'}${b}: ${what} (${took})`);
      else {
        write(`${a}->>+${b}: ${what}`);
        draw(inner);
        write(`${b}${isError ? '--x' : '-->>'}-${a}: ${isError ? 'error, ' : ''}${took}`);
      }
    }
  };
  draw(calls);
  if (left > 0) write(`Note over p0: ${counted(left, 'more span')} not shown`);
  return ['sequenceDiagram', ...heads, ...lines].join('\n');
}

/** The calls of a span: the span itself where it is a call, and the calls that it makes. */
function callsOf(model: TraceModel, index: number, at: string, depth: number): Call[] {
  const service = model.service(index);
  const kind = model.kind(index);
  const children = childrenOf(model, index);
  const isCall = kind === 'client' || kind === 'producer';
  const caller = at === CALLER && kind !== 'server' && kind !== 'consumer' ? service : at;
  const isAnswered = children.some((child) => /^(?:server|consumer)$/.test(model.kind(child)));
  // The called side's span says more about the call, such as its route.
  if (isCall && isAnswered && depth < MAX_DEPTH)
    return [
      ...children.flatMap((child) => callsOf(model, child, service, depth + 1)),
      ...linkedCalls(model, index, service),
    ];
  const to = !isCall ? service : model.isDatabase(index) ? `database of ${service}` : ELSEWHERE;
  const inner =
    depth < MAX_DEPTH ? children.flatMap((child) => callsOf(model, child, service, depth + 1)) : [];
  const [name, isError] = [model.name(index), model.error[index] === 1];
  const linked = depth < MAX_DEPTH ? linkedCalls(model, index, service) : [];
  const inside = alike([...inner, ...linked]).map(({ shape, times }) => [shape, times]);
  return [
    {
      from: caller,
      to,
      name,
      isError,
      inner: [...inner, ...linked],
      shape: hash('sha256', JSON.stringify([caller, to, name, isError, inside])),
      spans: (model.end[index] ?? index + 1) - index,
      times: 1,
      nanoseconds: model.length[index] ?? 0,
    },
  ];
}

/** Messages between a span and spans of other traces, with how long each waited. */
function linkedCalls(model: TraceModel, index: number, service: string): Call[] {
  return model.linkedTo(index).flatMap((each) => {
    const { side, span } = each;
    if (span === undefined) return [];
    const wait = linkWait(model, each);
    const [from, to] = side === 'after' ? [service, span.service] : [span.service, service];
    const message: Call = {
      from,
      to,
      name: span.name,
      isError: span.error === true,
      inner: [],
      shape: JSON.stringify([from, to, span.name, span.error, wait?.queue]),
      spans: 0,
      times: 1,
      nanoseconds: wait === undefined ? span.duration : wait.until - wait.from,
      ...(wait && { queue: wait.queue ?? '' }),
    };
    return [message];
  });
}

/** Merges equal calls into the first of them. */
function alike(calls: readonly Call[]): Call[] {
  const found = new Map<string, Call>();
  for (const call of calls) {
    const first = found.get(call.shape);
    if (first === undefined) found.set(call.shape, { ...call });
    else {
      first.spans += call.spans;
      first.times += call.times;
      first.nanoseconds += call.nanoseconds;
    }
  }
  return [...found.values()];
}

/** Escapes a name: each character with a meaning in Mermaid or HTML is written by its number. */
function textOf(name: string): string {
  return quoted(masked(name)).replace(/[^\p{L}\p{N} _./-]/gu, (character) => `#${character.codePointAt(0)};`);
}
