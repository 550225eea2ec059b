import t from 'tap';
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
