import type { FastifyInstance } from 'fastify';
import { themeOf } from '../../lib/text/html-document.ts';
import { OPEN, TYPED } from '../call.ts';
import { honeycombRoutes } from '../honeycomb-account.ts';
import type { FirstReads } from '../places/first-reads.ts';
import type { PageSettings } from '../places/page-settings.ts';
import { parsePlace } from '../places/place.ts';
import type { ViewName } from '../places/views.ts';
import { factsOf, viewNames } from '../places/views.ts';
import { contentSecurityPolicy } from '../serve/security.ts';
import { sendAsset } from './asset.ts';
import { pageBundle } from './bundle.ts';
import { renderShell } from './render-shell.ts';

export interface PageOptions extends Pick<PageSettings, 'apiUrl' | 'otlpEndpoint' | 'needsToken'> {
  /** Id of the newest live event at the time of the call. */
  readonly liveFrom: () => string;
  readonly colors: () => Promise<ReadonlyMap<string, number>>;
  /** Base URLs of services. Their metrics name the account of their Honeycomb key. */
  readonly services?: readonly string[];
  readonly firstReads: FirstReads;
  /** URLs that the page may send requests to. */
  readonly connectSrc: readonly string[];
}

declare module '../door/node.ts' {
  interface NodePart {
    /** By view, the request that the page's HTML starts. It must not depend on the browser. */
    readonly firstReads?: FirstReads;
    /** URLs whose origins the page may send requests to (Content-Security-Policy). */
    connectSrc?(addresses: Pick<PageOptions, 'apiUrl' | 'otlpEndpoint'>): readonly string[];
  }
}

/** The paths of the page. The first view of the list is at `/`, where the address names none. */
function paths(): [path: string, view: ViewName | undefined][] {
  const named = viewNames().filter((view) => factsOf(view)?.atRoot !== true);
  return [
    ['/', viewNames()[0]],
    ...named.map((view): [string, ViewName] => [factsOf(view)?.ofOne ? `/${view}/:id` : `/${view}`, view]),
  ];
}

/**
 * The explorer's page: one HTML shell for every path, and its scripts and styles, bundled in memory. Nothing is inline, so that
 * the strictest content security policy applies. Only the addresses that parts of the page call are added to it.
 */
export async function pageRoutes(app: FastifyInstance, options: PageOptions): Promise<void> {
  const policy = policyOf(options);
  await app.register(honeycombRoutes, { services: options.services ?? [] });
  for (const [path, view] of paths()) {
    app.get(path, { schema: { hide: true } }, async function showPage(request, reply) {
      const place = parsePlace(new URL(request.url, 'http://localhost')) ?? (view && { view, params: {} });
      const { apiUrl, otlpEndpoint, needsToken } = options;
      const serviceColors = Object.fromEntries(await options.colors());
      const liveFrom = options.liveFrom();
      const bundle = await pageBundle();
      const viewStyles = Object.fromEntries(
        viewNames().flatMap((name) => {
          const styles = bundle.stylesOf(name);
          return styles === undefined ? [] : [[name, `/assets/${styles}`]];
        }),
      );
      const settings = {
        apiUrl,
        otlpEndpoint,
        needsToken,
        command: TYPED,
        open: OPEN,
        serviceColors,
        viewStyles,
        liveFrom,
      };
      const theme = themeOf(request.headers.cookie);
      const shell = renderShell(bundle, place, settings, options.firstReads, theme);
      return reply
        .type('text/html; charset=utf-8')
        .header('cache-control', 'no-cache')
        .header('content-security-policy', policy)
        .send(shell);
    });
  }
  app.get<{ Params: { name: string } }>(
    '/assets/:name',
    { schema: { hide: true } },
    async function sendFile(request, reply) {
      const { assets } = await pageBundle();
      const asset = assets.get(request.params.name);
      if (asset === undefined) return reply.callNotFound();
      // A header instead of a comment in each file (ECMA-426), which would take 1.7 KB of the page.
      const map = `${request.params.name}.map`;
      if (assets.has(map)) reply.header('sourcemap', `/assets/${map}`);
      // Names have a hash of the content, so a browser never needs to ask again.
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      return sendAsset(asset, request, reply);
    },
  );
}

function policyOf({ connectSrc }: PageOptions): string {
  const directives = {
    ...contentSecurityPolicy,
    'connect-src': ["'self'", ...connectSrc.filter(Boolean).map((url) => new URL(url).origin)],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${[...new Set(sources)].join(' ')}`)
    .join(';');
}
