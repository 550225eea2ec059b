import { formatDuration } from '../format-duration.ts';
import type { TraceSummary } from '../traces/summaries.ts';
import { escapeHtml } from './escape-html.ts';

/** The plain start page: where things are, and the newest traces. Needs no script. */
export function renderHome(traces: readonly TraceSummary[], otlpEndpoint: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Traces</title>
<link rel="stylesheet" href="/home.css">
</head>
<body>
<main>
<h1>Trace explorer</h1>
<p>Spans are taken at <code>${escapeHtml(otlpEndpoint)}</code> (OTLP over HTTP). Questions are answered as described in the <a href="/documentation">documentation of the API</a>; <a href="/api/status">status</a> tells what is stored. <code>pnpm trace</code> shows the newest trace in the terminal.</p>
${traces.length === 0 ? '<p>No spans have arrived yet.</p>' : table(traces)}
</main>
</body>
</html>
`;
}

function table(traces: readonly TraceSummary[]): string {
  return `<table>
<caption>Newest traces</caption>
<thead><tr><th>Start (UTC)</th><th>Root</th><th>Services</th><th>Spans</th><th>Errors</th><th>Duration</th></tr></thead>
<tbody>
${traces.map(row).join('\n')}
</tbody>
</table>`;
}

function row(trace: TraceSummary): string {
  const services = trace.services.map((service) => service.name).join(', ');
  const name = `${trace.root.service}: ${trace.root.name}${trace.root.provisional ? ' (root not arrived)' : ''}`;
  const cells = [
    `<time datetime="${escapeHtml(trace.start)}">${escapeHtml(trace.start.slice(0, 23).replace('T', ' '))}</time>`,
    `<a href="/api/traces/${encodeURIComponent(trace.trace_id)}">${escapeHtml(name)}</a>`,
    escapeHtml(services),
    `${trace.spans}`,
    trace.errors === 0 ? '' : `✗ ${trace.errors}`,
    escapeHtml(formatDuration(trace.duration_ms)),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}
