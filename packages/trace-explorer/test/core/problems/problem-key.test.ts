import t from 'tap';
import { categoryOf, ERROR, GROWING_QUEUE } from '../../../src/core/problems/problem-key.ts';
import { causesOf } from '../../../src/core/problems/tally.ts';
import { RULE_NAMES } from '../../../src/core/traces/findings/rules.ts';
import { modelOf, span } from '../traces/make-span.ts';

t.test('that a message is taken again belongs to the cause of its error', async (t) => {
  const taken = (spanId: string, start: number) =>
    span(spanId, 'send', start, start + 10, {
      ...{ name: 'process', kind: 'consumer', service: 'worker', message: 7 },
      ...{ error: true, exception: 'mailbox full' },
    });
  const send = span('send', '', 0, 5, { name: 'send', kind: 'producer', service: 'api', message: 7 });
  const causes = causesOf([modelOf([send, taken('one', 10), taken('two', 2_000)])]);
  const errors = causes.filter(({ rule }) => rule === ERROR);
  t.match(errors, [{ rules: ['attempts'], short: 'process fails: mailbox full' }]);
  t.notOk(causes.some(({ rule }) => rule === 'attempts'));
});

t.test('each cause is about something, also those that no rule of a finding has', async (t) => {
  const about = Object.groupBy([...RULE_NAMES, ERROR, GROWING_QUEUE], categoryOf);
  t.same(Object.keys(about).sort(), ['calls', 'errors', 'logs', 'telemetry', 'time']);
  t.ok(about.errors?.includes(ERROR));
  t.ok(about.time?.includes(GROWING_QUEUE));
});
