import t from 'tap';
import { isRequest } from '../../../../src/core/traces/findings/facts.ts';
import { answerOf } from '../../../../src/core/traces/model/children.ts';
import { client, modelOf, server, span } from '../make-span.ts';

t.test(
  'a call is answered by the first request below it, and by a message only for who asks for those',
  (t) => {
    const model = modelOf([
      client('call', '', 0, 100),
      span('work', 'call', 1, 10),
      server('deeper', 'work', 2, 5),
      span('taken', 'call', 20, 30, { kind: 'consumer' }),
      server('answer', 'call', 40, 50),
      client('alone', 'answer', 41, 42),
    ]);
    const indexOf = (name: string) =>
      Array.from({ length: model.count }, (_, at) => model.name(at)).indexOf(name);
    t.equal(answerOf(model, indexOf('call')), indexOf('answer'));
    t.equal(answerOf(model, indexOf('call'), isRequest), indexOf('taken'));
    t.equal(answerOf(model, indexOf('alone')), undefined);
    t.end();
  },
);
