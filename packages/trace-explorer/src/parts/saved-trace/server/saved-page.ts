import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defineProblems } from '@tandem/service-kit/http';
import Type from 'typebox';
import { OPEN, TYPED } from '../../../core/call.ts';
import type { PartBundle } from '../../../core/page-server/build-page.ts';
import { scriptBundle } from '../../../core/page-server/bundle.ts';
import { settingsElement } from '../../../core/page-server/render-shell.ts';
import type { PageSettings, SavedFrom } from '../../../core/places/page-settings.ts';
import { UNUSED_NAMES, writeNames } from '../../../core/redaction/named-fields.ts';
import type { SavedTrace } from '../../../core/saved-trace/saved-trace.ts';
import { holderOf } from '../../../core/saved-trace/saved-trace.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { TraceParams } from '../../../core/traces/schemas.ts';
import { readTree } from '../../../core/traces/tree/trace-cache.ts';
import { notStored } from '../../../core/traces-api/outline-routes.ts';
import { contentOf, documented } from '../../../http/documented.ts';
import { originOf } from '../../../http/origin-of.ts';
import { whileAwaited } from '../../../http/while-awaited.ts';
import { cspHash } from '../../../lib/node/csp-hash.ts';
import { strictObject } from '../../../lib/strict-object.ts';
import { escapeHtml } from '../../../lib/text/escape-html.ts';
import { htmlDocument } from '../../../lib/text/html-document.ts';
import { traceIdField } from '../../../lib/trace-id.ts';
import { node } from '../part.node.ts';
import { part } from '../part.ts';
import { collectTrace } from './collect-trace.ts';

const own = defineProblems(node.problems);

/** Milliseconds for reading a trace. The largest trace that fits a page takes two seconds. */
const TIMEOUT_MS = 30_000;

/** Most names. More names are a mistake. */
const MAX_NAMES = 100;

const RedactQuery = strictObject({
  redact: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
      maxItems: MAX_NAMES,
      description:
        'Fields whose values become REDACTED, also in other texts. A name that ends with `*` matches every name with this beginning. Repeatable',
    }),
  ),
  anonymous: Type.Boolean({
    default: false,
    description: 'Whether the file leaves out which explorer saved it, and when',
  }),
  code: Type.Boolean({
    default: false,
    description: 'Whether the file has the attributes code.*: lines of your code',
  }),
});

const zip = promisify(gzip);

export interface SavedPageOptions {
  readonly store: SpanStore;
  readonly colors: () => Promise<ReadonlyMap<string, number>>;
}

/** The route for a trace in one file: a page with everything in it. */
export const savedPageRoutes: FastifyPluginAsyncTypebox<SavedPageOptions> = async (
  app,
  { store, colors },
) => {
  const request = { params: TraceParams, querystring: RedactQuery };

  app.get(
    '/api/traces/:traceId/page',
    documented(
      'traces',
      'The trace as one HTML file, which opens without the explorer',
      contentOf<string>('text/html', 'The file'),
      request,
    ),
    async function savePage(request, reply) {
      const { trace, redaction } = await read(
        request.params.traceId,
        { ...whileAwaited(reply, TIMEOUT_MS), short: true },
        { redacted: request.query.redact ?? [], withCode: request.query.code },
      );
      const origin = originOf(request);
      const isAnonymous = request.query.anonymous;
      const saved: SavedFrom = {
        traceId: trace.outline.trace_id,
        ...(!isAnonymous && (redaction?.text(origin) ?? origin) === origin && { origin }),
        ...(!isAnonymous && { at: Date.now() }),
        redacted: redaction?.fields.used().map((name) => redaction.text(name)) ?? [],
      };
      const page = await renderSavedPage(trace, saved, await scriptBundle(part), await colors());
      return reply
        .type('text/html; charset=utf-8')
        .header(UNUSED_NAMES, writeNames(redaction?.fields.unused() ?? []))
        .header('content-disposition', `attachment; filename="trace-${trace.outline.trace_id}.html"`)
        .send(page);
    },
  );

  /** @throws INVALID_TRACE_ID, TRACE_NOT_FOUND, TRACE_TOO_LARGE, TOO_MANY_VALUES */
  async function read(given: string, limits: ReadOptions, choice: Parameters<typeof collectTrace>[3]) {
    const traceId = traceIdField(given);
    const tree = await readTree(store, traceId, limits);
    if (tree.spans.length === 0) throw notStored(traceId);
    try {
      return await collectTrace(store, traceId, tree, choice, limits);
    } catch (error) {
      if (error instanceof RangeError) throw own.TOO_MANY_VALUES({ detail: error.message });
      throw error;
    }
  }
};

/** A page that contains its trace, script and styles, and that may load nothing. */
async function renderSavedPage(
  trace: SavedTrace,
  saved: SavedFrom,
  { script, styles }: PartBundle,
  colors: ReadonlyMap<string, number>,
): Promise<string> {
  const { services } = trace.outline;
  const settings: PageSettings = {
    apiUrl: '',
    command: TYPED,
    open: OPEN,
    needsToken: false,
    otlpEndpoint: '',
    serviceColors: Object.fromEntries(services.map(({ name }) => [name, colors.get(name) ?? 0])),
    viewStyles: {},
    liveFrom: '',
    saved,
  };
  const policy = [
    "default-src 'none'",
    `script-src ${cspHash(script)}`,
    `style-src ${cspHash(styles)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join(';');
  const packed = await zip(JSON.stringify(trace), { level: 9 });
  const head = `<meta http-equiv="content-security-policy" content="${escapeHtml(policy)}">
${settingsElement(settings)}
<link rel="icon" href="data:,">
<style>${styles}</style>`;
  const body = `<div id="root"></div>
<noscript>This page shows a trace with JavaScript.</noscript>
${holderOf(packed.toString('base64'))}
<script type="module">${script}</script>`;
  return htmlDocument({ title: `Trace ${saved.traceId.slice(0, 8)}`, head, body });
}
