import { logs } from '@opentelemetry/api-logs';
import t from 'tap';
import { codeLines } from '../../../src/common/code-lines.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { recordConsole } from '../../../src/guest/console/console-lines.ts';
import { loggerOf, start } from '../../road/logs/start.ts';

// Alone in its process: it replaces what the console writes.

/** The console, by the name that the app's code has here. */
const app = globalThis.console;

/** What the app prints on both streams while a function runs. */
function printed(work: () => void): string {
  const { stdout, stderr } = process;
  const [out, err] = [stdout.write, stderr.write];
  let text = '';
  const write = ((chunk: string) => {
    text += chunk;
    return true;
  }) as typeof stdout.write;
  Object.assign(stdout, { write });
  Object.assign(stderr, { write });
  try {
    work();
  } finally {
    Object.assign(stdout, { write: out });
    Object.assign(stderr, { write: err });
  }
  return text;
}

t.test('each line of the console is a record of the active span, and prints what it prints', async (t) => {
  const { records } = await start(t);
  const shown: string[] = [];
  const show = (what: string) => `${what} ${shown.push(what)}`;
  const custom = {
    a: 1,
    [Symbol.for('nodejs.util.inspect.custom')]: () => show('custom'),
    get price() {
      throw new Error('not for the record');
    },
    toString: () => show('text'),
  };
  const work = () => {
    app.debug('debug %d', 7);
    app.log('order', { id: 7 }, custom);
    app.log(custom, '%s');
    app.info('info');
    app.warn('%s is low', 'stock');
    app.error('failed:', new TypeError('no sku'));
  };
  const alone = printed(work);
  shown.length = 0;
  const stop = recordConsole(logs.getLoggerProvider());
  t.teardown(stop);
  let traceId = '';
  const told = printed(() => {
    withSpan('work', {}, (span) => {
      traceId = span.spanContext().traceId;
      work();
    });
  });
  const withoutStack = (text: string) => text.replace(/^ +at .*\n/gm, '');
  t.equal(withoutStack(told), withoutStack(alone));
  const all = await records();
  t.same(
    all.map(({ severityText, severityNumber }) => `${severityText} ${severityNumber}`),
    ['DEBUG 5', 'INFO 9', 'INFO 9', 'INFO 9', 'WARN 13', 'ERROR 17'],
  );
  t.ok(all.every((record) => record.traceId === traceId && record.scope === 'console'));
  t.match(
    all.map(({ body }) => body),
    [
      'debug 7',
      /^order \{ id: 7 \} \{\s+a: 1,/,
      / %s$/,
      'info',
      'stock is low',
      /^failed: TypeError: no sku/,
    ],
  );
  t.match(all.at(-1)?.attributes, {
    'log.iostream': 'stderr',
    'exception.type': 'TypeError',
    'exception.message': 'no sku',
  });
});

/** What a value of the app tells when something of it runs. */
const ran: string[] = [];
const run = <T>(what: string, value: T): T => {
  ran.push(what);
  return value;
};
const told = (key: PropertyKey, value: unknown) => ({
  [key]: { get: () => run(String(key), value), enumerable: true, configurable: true },
});
const traps = new Proxy(
  {},
  {
    get:
      (_, trap) =>
      (...args: unknown[]) =>
        run(String(trap), Reflect.apply(Reflect.get(Reflect, trap), Reflect, args)),
  },
);

const OF_APP: Readonly<Record<string, () => unknown>> = {
  'a proxy': () => new Proxy({ shop: 'Berlin' }, traps),
  'a proxy in an object': () => ({ inner: { shop: new Proxy(['Berlin'], traps) } }),
  'a proxy of an error': () => new Proxy(new Error('Berlin'), traps),
  'a proxy as prototype': () => Object.setPrototypeOf({ shop: 'Berlin' }, new Proxy({}, traps)),
  'a proxy as constructor': () => ({ shop: 'Berlin', constructor: new Proxy(class Shop {}, traps) }),
  getters: () => Object.defineProperties({ shop: 'Berlin' }, told('price', 1)),
  'a getter of the tag': () => Object.defineProperties({ shop: 'Berlin' }, told(Symbol.toStringTag, 'Shop')),
  'a getter that a URL has': () => Object.defineProperties({ shop: 'Berlin' }, told('href', 'shop')),
  'a class that tells its name': () => {
    class Shop {
      static get name() {
        return run('name', 'Shop');
      }
      city = 'Berlin';
    }
    return [new Shop()];
  },
  'a class that tells its instances': () => {
    class Shop {
      static [Symbol.hasInstance]() {
        return run('hasInstance', true);
      }
      city = 'Berlin';
    }
    return new Map([['first', new Shop()]]);
  },
  'an error with getters': () =>
    Object.defineProperties(new RangeError('Berlin'), {
      ...told('name', 'E'),
      ...told('cause', 'none'),
      ...told('code', 7),
    }),
  'an error in an array': () => [Object.defineProperties(new Error('Berlin'), told('cause', 'none'))],
  'an error whose stack is a getter': () =>
    Object.defineProperties(new Error('Berlin'), told('stack', 'none')),
  'an error whose name has a text': () =>
    Object.assign(new Error('Berlin'), { name: { toString: () => run('toString', 'E') } }),
  'a map of its own kind': () => {
    class Shops extends Map<string, string> {
      override get size() {
        return run('size', 1);
      }
    }
    return new Shops([['first', 'Berlin']]);
  },
};

for (const [what, value] of Object.entries(OF_APP))
  t.test(`a record runs nothing of the app that the console does not run: ${what}`, async (t) => {
    const runsOf = (work: () => void) => {
      ran.length = 0;
      printed(work);
      return ran.toSorted();
    };
    const alone = runsOf(() => app.error('at', value()));
    const { records } = await start(t);
    t.teardown(recordConsole(logs.getLoggerProvider()));
    const told = runsOf(() => withSpan('work', {}, () => app.error('at', value())));
    t.same(told, alone);
    const [record] = await records();
    t.match(record?.body, /^at .*Berlin/s);
  });

t.test('the name of an error is that of its class where a getter has it', async (t) => {
  const { records } = await start(t);
  t.teardown(recordConsole(logs.getLoggerProvider()));
  class LateError extends Error {
    override get name() {
      return 'other';
    }
  }
  printed(() => withSpan('work', {}, () => app.error(new LateError('too late'), new DOMException('gone'))));
  printed(() => withSpan('work', {}, () => app.error(new DOMException('gone', 'AbortError'))));
  const all = await records();
  t.match(all[0]?.attributes, { 'exception.type': 'LateError', 'exception.message': 'too late' });
  t.match(all[1]?.attributes, { 'exception.type': 'AbortError', 'exception.message': 'gone' });
});

t.test(
  'lines outside of spans, and lines of pino that the console prints, have no record of it',
  async (t) => {
    const { records } = await start(t);
    t.teardown(recordConsole(logs.getLoggerProvider()));
    const { logger, lines } = loggerOf();
    printed(() => {
      app.log('starting');
      withSpan('work', {}, () => {
        logger.info('by pino');
        app.log(lines.at(-1)?.trimEnd());
        app.log('by the app');
      });
    });
    t.same(
      (await records()).map(({ scope, body }) => `${scope}: ${body}`),
      ['pino: by pino', 'console: by the app'],
    );
  },
);

t.test('a long line is cut, and a flood is left out', async (t) => {
  const { records } = await start(t);
  t.teardown(recordConsole(logs.getLoggerProvider()));
  printed(() => {
    withSpan('work', {}, () => {
      app.log('x'.repeat(1e6));
      for (let line = 0; line < 2_000; line++) app.log(line);
    });
  });
  const all = await records();
  t.equal(String(all[0]?.body).length, 8_192);
  t.ok(all.length < 1_000, 'also where the flood takes more than a second');
  t.ok(
    all.some(({ body }) => /left out/.test(String(body))),
    'which is said',
  );
});

t.test('an error whose stack has a line that the file lacks has its file', async (t) => {
  const { records } = await start(t);
  t.teardown(recordConsole(logs.getLoggerProvider()));
  const place = { 'code.file.path': 'src/api.ts', 'code.function.name': 'api' };
  codeLines.value = {
    folder: '/srv',
    placeWithoutLine: (stack) => (stack.includes('evaluated') ? place : {}),
  };
  t.teardown(() => {
    codeLines.value = undefined;
  });
  printed(() => {
    withSpan('work', {}, () => {
      app.error(new Error('evaluated'));
      app.error(new Error('plain'));
    });
  });
  const [evaluated, plain] = await records();
  t.match(evaluated?.attributes, place);
  t.notOk('code.file.path' in (plain?.attributes ?? {}));
});
