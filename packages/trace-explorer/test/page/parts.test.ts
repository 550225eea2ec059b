import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { pageBundle } from '../../src/core/page-server/bundle.ts';
import { hrefOf, parsePlace } from '../../src/core/places/place.ts';
import { rangePlace } from '../../src/core/places/shown-range.ts';
import { traceParams, tracesPath } from '../../src/core/places/trace-paths.ts';
import type { ViewName } from '../../src/core/places/views.ts';
import { factsOf, viewNames } from '../../src/core/places/views.ts';
import type { PagePart } from '../../src/page/part.ts';
import { pageParts } from '../../src/page/parts.ts';
import { showParts } from '../../src/page/shown-parts.ts';

declare module '../../src/core/places/views.ts' {
  interface ViewNames {
    cause: true;
    traces: true;
  }
}

// Alone in its process: it shows other parts than the rest, and a process has one list of views.
const SOURCES = join(import.meta.dirname, '../../src');
const sources = (pattern: string) =>
  globSync(pattern, { cwd: SOURCES }).map((path) => path.replaceAll('\\', '/'));

let release = () => {};
/** Shows other parts than before. */
function show(parts: readonly PagePart[]): void {
  release();
  release = showParts(parts);
}

t.beforeEach(() => show(pageParts));
t.teardown(() => release());

t.test('the page’s list has each part with a door for the browser, and no other', (t) => {
  const folders = sources('parts/*/page/part.ts').map((path) => basename(dirname(dirname(path))));
  t.same(pageParts.map(({ part }) => part.name).toSorted(), folders.toSorted());
  t.end();
});

t.test(
  'each style of the parts is loaded by a view, and each part with a view says which it needs',
  async (t) => {
    const lists = sources('parts/*/page/view.css');
    const listed = lists.flatMap((list) =>
      [...readFileSync(join(SOURCES, list), 'utf8').matchAll(/@import "([^"]+)"/g)].map(([, path = '']) =>
        join(dirname(list), path).replaceAll('\\', '/'),
      ),
    );
    // The page in one file loads its own.
    const styles = sources('parts/*/page/**/*.css').filter(
      (path) => !path.startsWith('parts/saved-trace/') && !path.endsWith('/view.css'),
    );
    t.same([...new Set(listed)].filter((path) => path.startsWith('parts/')).toSorted(), styles.toSorted());
    const withViews = pageParts.filter(({ views }) => views !== undefined).map(({ part }) => part.name);
    t.same(lists.map((path) => basename(dirname(dirname(path)))).toSorted(), withViews.toSorted());
  },
);

t.test('the browser preloads the file that the door of each view loads', async (t) => {
  const { assets, preloads } = await pageBundle();
  const sourcesOf = (name: string): string[] =>
    JSON.parse(Buffer.from(assets.get(`${name}.map`)?.plain ?? []).toString() || '{"sources":[]}').sources;
  for (const { part, views = {} } of pageParts)
    for (const [view, load] of Object.entries(views)) {
      const [, file = ''] = /\bimport\('\.\/([^']+)'\)/.exec(String(load)) ?? [];
      const preloaded = preloads(view).flatMap(sourcesOf);
      t.ok(preloaded.includes(`../parts/${part.name}/page/${file}`), `${view}: ${file}`);
    }
});

/** The parts without one, and without those that need it. */
function without(left: string, parts: readonly PagePart[] = pageParts): readonly PagePart[] {
  const rest = parts.filter(({ part }) => part.name !== left);
  return rest
    .filter(({ part }) => part.needs?.includes(left))
    .reduce<readonly PagePart[]>((kept, { part }) => without(part.name, kept), rest);
}

const placeOf = (view: ViewName) => ({ ...rangePlace(view, 600), ...(factsOf(view)?.ofOne && { id: 'a' }) });

for (const { part } of pageParts)
  t.test(`without ${part.name} nothing leads to it, and the rest is as before`, (t) => {
    const before = new Map(viewNames().map((view) => [view, hrefOf(placeOf(view))]));
    const kept = without(part.name);
    const gone = pageParts.filter((each) => !kept.includes(each));
    show(kept);
    const lost = gone.flatMap((each) => Object.keys(each.part.views ?? {}) as ViewName[]);
    t.same(
      viewNames().filter((view) => lost.includes(view)),
      [],
      'no entry of the menu',
    );
    for (const [view, href = ''] of before) {
      const now = hrefOf(placeOf(view));
      if (lost.includes(view)) {
        t.equal(now, undefined, `no link to ${view}`);
        t.not(parsePlace(new URL(href, 'http://localhost'))?.view, view, `${href} is not ${view}`);
      } else {
        for (const each of [href, now ?? ''])
          t.equal(parsePlace(new URL(each, 'http://localhost'))?.view, view, `${each} is ${view}`);
      }
    }
    t.end();
  });

t.test('a page has one list of parts: another one is refused as long as somebody needs the first', (t) => {
  const again = showParts([...pageParts]);
  t.throws(() => showParts(without('causes')), /overview/);
  t.equal(hrefOf({ view: 'traces', params: {} }), '/traces', 'the refused list changes nothing');
  again();
  t.throws(() => showParts(without('causes')), /overview/, 'the first one is still needed');
  show(without('causes'));
  t.equal(hrefOf({ view: 'cause', id: 'a', params: {} }), undefined);
  t.end();
});

t.test('a list of traces that a part has is asked of its route, and no longer without the part', (t) => {
  const asked = () => tracesPath(traceParams({ cause: 'a/b', seconds: '9', errors: 'true' }));
  t.equal(asked(), '/api/causes/a%2Fb/traces?errors=true&seconds=9');
  show(without('causes'));
  t.equal(asked(), '/api/traces?errors=true');
  t.end();
});

t.test('views are linked by their name, which is checked: no source has the address of one', (t) => {
  const addresses = sources('{page,parts/*/page}/**/*.tsx').flatMap((path) =>
    [...readFileSync(join(SOURCES, path), 'utf8').matchAll(/\bhref=(?:"|\{['"`])(\/[^"'`$?/]*)/g)].map(
      ([, address = '']) => address,
    ),
  );
  t.same(
    addresses.filter((address) => !['/', '/login', '/api'].includes(address)),
    [],
  );
  t.end();
});
