import { ANY_WORDS, readRequest, wrongUsage } from '../../../core/command/arguments.ts';
import { CALL, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { findTraceId } from '../../../core/command/client/wanted-trace-id.ts';
import { chooseColours } from '../../../core/command/terminal/colours.ts';
import { renderMermaid } from '../../../core/command/terminal/render-mermaid.ts';
import { describeTrace } from '../../../core/traces/forms/describe-trace.ts';
import { formatDuration } from '../../../lib/text/format-duration.ts';
import { harmlessJson } from '../../../lib/text/harmless-text.ts';
import { renderTrace } from './render-trace.ts';
import { saveTrace } from './save-trace.ts';

const USAGE = `Shows a trace as a waterfall in the terminal, with its log lines under their spans.

  ${CALL} trace              the newest trace a second after the command's start, when its spans have come
  ${CALL} trace ID           the trace with this id, or the only one whose id begins with it;
                             or a traceparent, Server-Timing or traceresponse header, or a link to a trace
  ${CALL} trace --json       the trace as JSON
  ${CALL} trace --all        every span and log line of a large trace
  ${CALL} trace --no-logs    without log lines
  ${CALL} trace --mermaid    the trace as a sequence diagram in Mermaid's language, for Markdown
  ${CALL} trace --html FILE  the trace as a page of its own, which opens without the explorer
                             --redact FIELD leaves the values of a field out; http.request.header.* means all of them
                             --code keeps the lines of your code (code.*)
  ${CALL} trace --url URL    where the explorer is (default: ${DEFAULT_URL})
`;

/** Rows of a large trace, unless the caller asks for all. */
const MAX_ROWS = 500;
/** Log lines of a large trace. */
const MAX_LOGS = 1000;
/** From this age on the newest trace may not be the one that its caller looks for. */
const OLD_MS = 10_000;

/** `trace [ID]`. @throws CliError */
export async function traceCommand(args: readonly string[]): Promise<void> {
  const { values, positionals, client } = await readRequest(
    args,
    USAGE,
    {
      all: { type: 'boolean' },
      code: { type: 'boolean' },
      html: { type: 'string' },
      json: { type: 'boolean' },
      mermaid: { type: 'boolean' },
      'no-logs': { type: 'boolean' },
      redact: { type: 'string', multiple: true },
    },
    ANY_WORDS,
  );
  // `traceresponse: 00-…` without quotes is two words.
  const text = positionals.length === 0 ? undefined : positionals.join(' ');
  if (positionals.length > 1 && findTraceId(text ?? '') === undefined)
    throw wrongUsage('Name one trace id.', USAGE);
  const traceId = await client.findTrace(text);
  if (values.html !== undefined) return saveTrace(client, traceId, values);
  if (values.mermaid) return void process.stdout.write(`${renderMermaid(await client.model(traceId))}\n`);
  const isWhole = values.all || values.json;
  const ofTrace = new URLSearchParams({ trace_id: traceId, order: 'oldest' });
  const [{ model, findings }, list] = await Promise.all([
    client.shown(traceId),
    values['no-logs'] ? undefined : client.logs(ofTrace, isWhole ? Number.POSITIVE_INFINITY : MAX_LOGS),
  ]);
  const until = isWhole ? model.count : MAX_ROWS;
  const trace = describeTrace(model, findings, { until });
  const { stdout } = process;
  if (values.json) {
    stdout.write(`${harmlessJson({ ...trace, ...(list && { logs: list.logs }) })}\n`);
    return;
  }
  const options = {
    width: stdout.columns ?? (Number(process.env.COLUMNS) || 100),
    colours: chooseColours(),
    link: client.linkTo(traceId),
    ...(list && { logs: list }),
  };
  const age = Date.now() - Number(BigInt(trace.start_ns) / 1_000_000n) - trace.duration_ms;
  if (text === undefined && age > OLD_MS)
    process.stderr.write(`The newest trace that the explorer has ended ${formatDuration(age)} ago.\n`);
  // In a terminal, the answer of a `curl` just before has no line end.
  stdout.write(`${stdout.isTTY ? '\n' : ''}${renderTrace(trace, options)}`);
}
