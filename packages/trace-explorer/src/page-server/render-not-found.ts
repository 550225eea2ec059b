import { escapeHtml } from '../http/escape-html.ts';
import { pageBundle } from './bundle.ts';

/** Where a person may have wanted to go. */
const places = [
  ['/', 'Overview', 'what is slow, what fails, what is new'],
  ['/query', 'Query', 'latency, errors and anything else of the stored spans'],
  ['/traces', 'Traces', 'one line per request; live, too'],
  ['/logs', 'Logs', 'what the services wrote, with a way to its trace'],
  ['/map', 'Map', 'which service calls which'],
  ['/try', 'Try it', 'sends a request and shows its trace'],
  ['/documentation', 'API', 'everything that programs can ask'],
] as const;

/** The page for a path that is none: says so, and where things are. Without a script. */
export async function renderNotFound(path: string): Promise<string> {
  const { styles } = await pageBundle();
  const items = places.map(([href, name, about]) => `<li><a href="${href}">${name}</a>: ${about}</li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Not found · Tandem explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/${escapeHtml(styles)}">
</head>
<body>
<main class="view state">
<h1>There is no page ${escapeHtml(path)}</h1>
<p>A trace is at <code>/trace/</code> and its id. Here are:</p>
<ul class="places">
${items.join('\n')}
</ul>
</main>
</body>
</html>
`;
}
