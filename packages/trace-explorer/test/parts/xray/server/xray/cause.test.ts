import { attributesOf } from '@tandem/otlp';
import t from 'tap';
import { causeOf, failureOf } from '../../../../../src/parts/xray/server/xray/cause.ts';
import { otlpSpan } from '../../../../core/traces/make-otlp.ts';

const exception = (values: Record<string, string>) => ({
  timeUnixNano: 1n,
  name: 'exception',
  attributes: attributesOf(values),
  droppedAttributesCount: 0,
});

t.test('the status decides between error, throttle and fault', async (t) => {
  const ok = otlpSpan();
  const failed = otlpSpan({ statusCode: 2 });
  t.strictSame(failureOf(ok, 200), {});
  t.strictSame(failureOf(ok, 404), { error: true });
  t.strictSame(failureOf(ok, 429), { error: true, throttle: true });
  t.strictSame(failureOf(ok, 503), { fault: true });
  t.strictSame(failureOf(failed, undefined), { fault: true });
  t.strictSame(failureOf(failed, 200), { fault: true });
});

t.test('exceptions are named with their stack frames', async (t) => {
  const span = otlpSpan({
    kind: 3,
    events: [
      exception({
        'exception.type': 'TypeError',
        'exception.message': 'no',
        'exception.stacktrace':
          'TypeError: no\n    at load (/app/a.js:10:5)\n    at /app/b.js:20:1\n    at new X (native)',
      }),
      exception({ 'exception.stacktrace': 'Traceback:\n  File "/app/a.py", line 3, in run\nValueError' }),
      exception({ 'exception.stacktrace': 'x\n\tat com.acme.Main.run(Main.java:42)' }),
    ],
  });
  const { exceptions } = causeOf(span) as { exceptions: { id: string; stack: unknown[] }[] };
  t.match(exceptions[0], { type: 'TypeError', message: 'no', remote: true, id: /^[0-9a-f]{16}$/ });
  t.strictSame(exceptions[0]?.stack, [
    { path: '/app/a.js', line: 10, label: 'load' },
    { path: '/app/b.js', line: 20, label: '' },
    { path: 'native', line: 0, label: 'new X' },
  ]);
  t.strictSame(exceptions[1]?.stack, [{ path: '/app/a.py', line: 3, label: 'run' }]);
  t.strictSame(exceptions[2]?.stack, [{ path: 'Main.java', line: 42, label: 'com.acme.Main.run' }]);
  t.not(exceptions[0]?.id, exceptions[1]?.id);
  t.strictSame(causeOf(span), causeOf(span), 'the same document each time');
});

t.test('an exception that another caused refers to it, and its innermost frame comes first', async (t) => {
  const chains = {
    java: 'java.io.IOException: gone\n\tat a.B.outer(B.java:1)\nCaused by: java.net.SocketException: reset\n\tat c.D.inner(D.java:2)\n\tat c.D.middle(D.java:3)\n\t... 3 more',
    node: 'Error: gone\n    at outer (/b.js:1:1) {\n  [cause]: SocketException: reset\n      at inner (/d.js:2:1)\n      at middle (/d.js:3:1)\n}',
    python:
      'Traceback (most recent call last):\n  File "/d.py", line 3, in middle\n    inner()\n  File "/d.py", line 2, in inner\n    raise\nSocketException: reset\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "/b.py", line 1, in outer\n    middle()\nOSError: gone\n',
  };
  for (const [language, stacktrace] of Object.entries(chains)) {
    const attributes = {
      'exception.type': 'Outer',
      'exception.message': 'gone',
      'exception.stacktrace': stacktrace,
    };
    const { exceptions } = causeOf(otlpSpan({ events: [exception(attributes)] })) as {
      exceptions: { id: string; cause?: string; stack: { line: number }[] }[];
    };
    t.equal(exceptions.length, 2, language);
    t.match(exceptions[0], {
      type: 'Outer',
      message: 'gone',
      cause: exceptions[1]?.id,
      stack: [{ line: 1 }],
    });
    t.match(
      exceptions[1],
      { type: /SocketException$/, message: 'reset', stack: [{ line: 2 }, { line: 3 }] },
      language,
    );
    t.notOk('cause' in (exceptions[1] ?? {}));
  }
});

t.test('an error without an exception gives its message', async (t) => {
  t.match(causeOf(otlpSpan({ statusCode: 2, statusMessage: 'timed out' })), {
    exceptions: [{ message: 'timed out' }],
  });
  t.equal(causeOf(otlpSpan({ statusCode: 2 })), undefined);
  t.equal(causeOf(otlpSpan({ statusMessage: 'fine' })), undefined);
});

t.test('a long stack is cut and a hostile one costs little', async (t) => {
  const stack = `x\n${'    at f (/a.js:1:1)\n'.repeat(80)}    at ${'('.repeat(1_000_000)}`;
  const span = otlpSpan({ events: [exception({ 'exception.stacktrace': stack })] });
  t.match(causeOf(span), { exceptions: [{ truncated: 30 }] });
});
