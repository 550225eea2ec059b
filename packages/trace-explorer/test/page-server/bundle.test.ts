import t from 'tap';
import { VIEW_NAMES } from '../../src/page/shell/place.ts';
import { pageBundle } from '../../src/page-server/bundle.ts';

t.test(
  'the browser gets its own code, what is shared, the query specification and OTLP: nothing of the server',
  async (t) => {
    const { assets } = await pageBundle();
    const maps = [...assets].filter(([name]) => name.endsWith('.map'));
    const sources = maps.flatMap(
      ([, { plain }]): string[] => JSON.parse(Buffer.from(plain).toString()).sources,
    );
    const own = [...new Set(sources)].filter((source) => !source.includes('node_modules'));
    t.ok(own.includes('../page/main.tsx'));
    t.same(
      own.filter(
        (source) => !/^(?:\.\.\/(?:page|shared|query\/parse)|\.\.\/\.\.\/\.\.\/otlp\/src)\//u.test(source),
      ),
      [],
    );
  },
);

/** Kilobytes, gzipped, of all that a view loads before it shows something: the shell, all styles, its own chunks. */
const LIMITS: Readonly<Record<string, number>> = {
  overview: 45,
  query: 80,
  traces: 45,
  logs: 45.5,
  live: 45,
  map: 45,
  try: 54.5,
  trace: 67,
};

t.test('no view loads more than its limit', async (t) => {
  const bundle = await pageBundle();
  t.same(Object.keys(LIMITS), [...VIEW_NAMES]);
  for (const [view, limit] of Object.entries(LIMITS)) {
    const names = [bundle.script, bundle.styles, ...bundle.preloads(view)];
    const zipped = await Promise.all(names.map((name) => bundle.assets.get(name)?.gzip()));
    const bytes = zipped.reduce((sum, each) => sum + (each?.length ?? 0), 0);
    t.ok(names.length > 2, `${view} has chunks of its own`);
    t.ok(bytes / 1024 <= limit, `${view}: ${(bytes / 1024).toFixed(1)} of ${limit} KB`);
  }
});
