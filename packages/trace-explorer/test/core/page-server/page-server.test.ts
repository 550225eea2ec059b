import { spawnSync } from 'node:child_process';
import { matchesGlob } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import budgets from '../../../../../scripts/budgets.json' with { type: 'json' };
import { pageBundle, scriptBundle } from '../../../src/core/page-server/bundle.ts';
import { registerViews, viewNames } from '../../../src/core/places/views.ts';
import { part as webTracing } from '../../../src/parts/web-tracing/part.ts';
import { nodeParts } from '../../../src/parts.node.ts';
import { FIRST_LOAD_KB } from '../../../testing/first-load.ts';
import { temporaryExplorer } from '../../explorer.ts';

t.teardown(registerViews(nodeParts));

const { app } = await temporaryExplorer(t, {
  apiUrl: 'http://localhost:4567',
  otlpEndpoint: 'http://localhost:14318',
});

t.test('the browser gets its own code, what the two share, and OTLP: nothing of the server', async (t) => {
  const { assets } = await pageBundle();
  const maps = [...assets].filter(([name]) => name.endsWith('.map'));
  const sources = maps.flatMap(
    ([, { plain }]): string[] => JSON.parse(Buffer.from(plain).toString()).sources,
  );
  const own = [...new Set(sources)].filter((source) => !source.includes('node_modules'));
  t.ok(own.includes('../page/main.tsx'));
  const { page, core } = budgets.browser;
  const rooms = [...page, ...core].map((room) => `../${room}{,/**}`);
  const allowed = [...rooms, '../parts/*/*.ts', '../../../otlp/src/**'];
  t.same(
    own.filter((source) => !allowed.some((pattern) => matchesGlob(source, pattern))),
    [],
  );
});

t.test(
  'what is inside the page is known by its package, so that its licence is in the tarball',
  async (t) => {
    const { sources = [] } = await pageBundle();
    const folders = ['preact', '@fontsource-variable/inter', '@fontsource-variable/geist-mono'].map(
      (name) => `/node_modules/${name}/`,
    );
    for (const folder of [...folders, '/components/lucide/'])
      t.ok(
        sources.some((path) => path.includes(folder)),
        folder,
      );
  },
);

/** A browser requests six files at a time: so many come in three rounds. */
const MOST_FILES = 18;

/** How much more than when last counted a view may load. */
const SLACK = 1.02;

t.test('no view loads much more than when its first load was last counted', async (t) => {
  const bundle = await pageBundle();
  t.same(Object.keys(FIRST_LOAD_KB).toSorted(), viewNames().toSorted());
  for (const [view, counted] of Object.entries(FIRST_LOAD_KB)) {
    const styles = [bundle.styles, bundle.stylesOf(view) ?? []].flat();
    const names = [bundle.script, ...styles, ...bundle.preloads(view)];
    const zipped = await Promise.all(names.map((name) => bundle.assets.get(name)?.gzip?.()));
    const bytes = zipped.reduce((sum, each) => sum + (each?.length ?? 0), 0);
    t.ok(names.length > 2, `${view} has chunks of its own`);
    t.ok(names.length <= MOST_FILES, `${view}: ${names.length} of ${MOST_FILES} files`);
    const isLight = bytes / 1024 <= counted * SLACK;
    const sources = isLight ? [] : names.flatMap((name) => sourcesIn(bundle, name));
    t.ok(
      isLight,
      `${view} loads ${(bytes / 1024).toFixed(1)} KB, ${counted} when last counted.\n${newImports(sources)}`,
    );
  }
});

/** The sources of a file of the page, from `src`. */
function sourcesIn({ assets }: Awaited<ReturnType<typeof pageBundle>>, name: string): string[] {
  const map = assets.get(`${name}.map`);
  const { sources = [] }: { sources?: string[] } = map ? JSON.parse(Buffer.from(map.plain).toString()) : {};
  return sources.map((source) => source.replace(/^\.\.\//, ''));
}

/** The imports that some sources have since the last commit but one, a line for each; the sources that changed if there is none. */
function newImports(sources: readonly string[]): string {
  const options = { cwd: new URL('../../../src', import.meta.url), encoding: 'utf8' } as const;
  const diff = spawnSync('git', ['diff', '--unified=0', '--relative', 'HEAD~1', '--', '.'], options).stdout;
  const changed = diff
    .split('\ndiff --git ')
    .map((text) => ({ file: /^\+\+\+ b\/(.+)$/m.exec(text)?.[1] ?? '', text }))
    .filter(({ file }) => sources.includes(file));
  const imports = changed.flatMap(({ file, text }) =>
    Array.from(
      text.matchAll(/^\+.*(?:\bfrom|\bimport) '(?<path>[^']+)'/gm),
      ({ groups }) => `${file} imports ${groups?.path}`,
    ),
  );
  return (imports.length > 0 ? imports : changed.map(({ file }) => `${file} has changed`)).join('\n');
}

t.test(
  'the fonts that every view loads have at most 75 KB; other letters come when a text has them',
  async (t) => {
    const { assets } = await pageBundle();
    const { body } = await app.inject('/');
    const fonts = [
      ...body.matchAll(
        /<link rel="preload" as="font" type="font\/woff2" crossorigin href="\/assets\/([^"]+)">/g,
      ),
    ];
    t.equal(fonts.length, 2);
    const bytes = fonts.reduce((sum, [, name = '']) => sum + (assets.get(name)?.plain.length ?? 0), 0);
    t.ok(bytes > 0 && bytes <= 75 * 1024, `${bytes} bytes`);
    const [, name = ''] = fonts[0] ?? [];
    const headers = { 'accept-encoding': 'gzip, deflate, br' };
    const font = await app.inject({ url: `/assets/${name}`, headers });
    t.match(font.headers, { 'content-type': 'font/woff2', 'cache-control': /immutable/ });
    t.notOk(font.headers['content-encoding'], 'it is compressed by itself');
    const styles = await app.inject(/href="(\/assets\/[^"]+\.css)"/.exec(body)?.[1] ?? '');
    for (const [face] of styles.body.matchAll(/@font-face\{[^}]*woff2[^}]*\}/g))
      t.match(face, /unicode-range/);
  },
);

t.test('a chosen theme is in the page before it is painted', async (t) => {
  const shell = async (cookie: string) => (await app.inject({ url: '/', headers: { cookie } })).body;
  t.match(await shell('a=b; tandem-theme=dark'), '<html lang="en" data-theme="dark">');
  t.match(await shell('tandem-theme=light; a=b'), '<html lang="en" data-theme="light">');
  for (const cookie of ['', 'tandem-theme=system', 'tandem-theme="><b>', 'other-tandem-theme=dark'])
    t.match(await shell(cookie), '<html lang="en">\n');
});

t.test('trace.js has at most 5 KB, and nothing of a package', async (t) => {
  const { script } = await scriptBundle(webTracing);
  const { length } = gzipSync(script, { level: 9 });
  t.ok(length <= 5 * 1024, `${length} bytes`);
  t.notMatch(script, /cookie|preact/);
});

t.test('the page is HTML with nothing inline, under a policy that allows only its own files', async (t) => {
  const { statusCode, headers, body } = await app.inject('/traces?errors=true');
  t.equal(statusCode, 200);
  t.equal(headers['cache-control'], 'no-cache');
  const policy = String(headers['content-security-policy']);
  t.match(policy, "script-src 'self';");
  t.match(policy, "style-src 'self';");
  t.match(policy, "connect-src 'self' http://localhost:4567 http://localhost:14318");
  t.notMatch(policy, 'unsafe');
  t.notMatch(body, /<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/u);
});

t.test('an unknown address is a page in a browser, and a problem for a program', async (t) => {
  const read = await app.inject({ url: '/nowhere', headers: { accept: 'text/html,*/*' } });
  t.equal(read.statusCode, 404);
  t.match(read.headers['content-type'], 'text/html');
  t.match(read.body, /There is no page at \/nowhere\.[\s\S]*<a href="\/">Overview<\/a>/);
  t.notMatch(read.body, '<p role="alert"', 'nothing is wrong with the explorer');
  const asked = await app.inject('/nowhere');
  t.match(asked.headers['content-type'], 'application/problem+json');
});

t.test('the browser is told what the view will ask first, where the server knows it', async (t) => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  for (const [url, read] of [
    ['/', '/api/overview?time_range=3600'],
    ['/?last=600', '/api/overview?time_range=600'],
    ['/service/a%26b?last=600', '/api/overview?time_range=600&amp;service=a%26b'],
    ['/verify?service=web', '/api/verify?time_range=3600&amp;service=web'],
    ['/traces', '/api/traces'],
    ['/traces?service=a%26b&errors=true', '/api/traces?service=a%26b&amp;errors=true'],
    ['/map?last=600&open=x', '/api/map?time_range=600'],
    [`/trace/${id}?span=1`, `/api/traces/${id}/outline?awaited=true`],
  ] as const) {
    const { body } = await app.inject(url);
    t.match(body, `<link rel="preload" as="fetch" crossorigin href="${read}">`, url);
    t.match(body, /&quot;liveFrom&quot;:&quot;[0-9a-f]+-\d+&quot;/u);
  }
  for (const url of ['/traces?last=600', '/query', '/try', '/trace/none'])
    t.notMatch((await app.inject(url)).body, 'rel="preload" as="fetch"', url);
});

t.test('trace.js is compressed as the browser takes it, and asked for again at each load', async (t) => {
  const fetch = (encoding: string) =>
    app.inject({ url: '/trace.js', headers: { 'accept-encoding': encoding } });
  const [plain, gzip] = await Promise.all([fetch('identity'), fetch('gzip, deflate, br')]);
  t.notOk(plain?.headers['content-encoding']);
  t.equal(gzip?.headers['content-encoding'], 'gzip');
  t.ok(gunzipSync(gzip.rawPayload).equals(plain?.rawPayload ?? Buffer.of()));
  for (const { headers } of [plain, gzip])
    t.match(headers, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      'access-control-allow-origin': '*',
      vary: /accept-encoding/,
    });
});

t.test('its files are compressed as the browser takes them, and kept for good', async (t) => {
  const { body: html } = await app.inject('/');
  const script = /src="(\/assets\/main-[A-Z0-9]+\.js)"/.exec(html)?.[1] ?? '';
  const fetch = (encoding: string) => app.inject({ url: script, headers: { 'accept-encoding': encoding } });
  const [plain, gzip] = await Promise.all([fetch('identity'), fetch('gzip, deflate, br')]);
  t.equal(plain?.headers['content-type'], 'text/javascript; charset=utf-8');
  t.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
  t.equal(gzip?.headers['content-encoding'], 'gzip');
  t.ok(gunzipSync(gzip.rawPayload).equals(plain.rawPayload));
  const map = String(plain.headers.sourcemap);
  const sources = JSON.parse((await app.inject(map)).body).sources as string[];
  t.ok(
    sources.some((each) => each.endsWith('page/main.tsx')),
    'the sourcemap leads to the sources',
  );
  t.equal((await app.inject('/assets/other.js')).statusCode, 404);
});
