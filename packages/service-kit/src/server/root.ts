import type { FastifyInstance } from 'fastify';

export interface RootOptions {
  /** The service's name. */
  readonly title: string;
  readonly description: string;
  /** Where the traces of its requests are looked at; not shown when left out. */
  readonly pageUrl?: string;
  /** Paths of the service that somebody may look for, and what is there. */
  readonly paths: Readonly<Record<string, string>>;
}

/**
 * `GET /`: what this is and where things are, for somebody who opened the port in a browser; the same as JSON for
 * whoever does not ask for HTML.
 */
export function rootRoute(app: FastifyInstance, { title, description, pageUrl, paths }: RootOptions): void {
  const links: Record<string, string> = {
    ...(pageUrl !== undefined && { [pageUrl]: 'traces of its requests' }),
    ...paths,
  };
  const html = renderPage(title, description, links);
  app.get('/', { schema: { hide: true } }, function showRoot(request, reply) {
    reply.header('vary', 'accept');
    if (!/\btext\/html\b/.test(request.headers.accept ?? ''))
      return reply.send({ name: title, description, links });
    return reply.type('text/html; charset=utf-8').send(html);
  });
}

function renderPage(title: string, description: string, links: Readonly<Record<string, string>>): string {
  const items = Object.entries(links).map(
    ([href, text]) => `<li><a href="${escapeHtml(href)}">${escapeHtml(href)}</a>: ${escapeHtml(text)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(description)}</p>
<ul>
${items.join('\n')}
</ul>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
