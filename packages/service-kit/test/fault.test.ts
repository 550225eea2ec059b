import t from 'tap';
import { FAULT_FORMS, parseFault } from '../src/faults.ts';

t.test('every documented form is read', (t) => {
  t.match(parseFault('user-lookup:delay=400'), { part: 'user-lookup', kind: 'delay', value: 400 });
  t.match(parseFault('user-lookup:error=503'), { part: 'user-lookup', kind: 'error', value: 503 });
  t.match(parseFault('user-lookup:abort'), { part: 'user-lookup', kind: 'abort' });
  t.match(parseFault('database:delay=200'), { part: 'database', kind: 'delay', value: 200 });
  t.match(parseFault('activities-api:n-plus-one'), { part: 'activities-api', kind: 'n-plus-one' });
  t.match(parseFault('activities-api:log-levels'), { part: 'activities-api', kind: 'log-levels' });
  t.match(parseFault('activities-api:throw'), { part: 'activities-api', kind: 'throw' });
  t.match(parseFault('activities-api:drop-context'), { part: 'activities-api', kind: 'drop-context' });
  t.match(parseFault('activities-api:stall=300'), { part: 'activities-api', kind: 'stall', value: 300 });
  t.equal(FAULT_FORMS.length, 9);
  t.end();
});

for (const text of [
  '',
  'user-lookup',
  'user-lookup:delay',
  'user-lookup:delay=',
  'user-lookup:delay=0',
  'user-lookup:delay=10001',
  'user-lookup:delay=1.5',
  'user-lookup:delay=-1',
  'user-lookup:error=399',
  'user-lookup:error=600',
  'user-lookup:abort=1',
  'user-lookup:pool=1',
  'activities-api:stall=0',
  'activities-api:stall=2001',
  'user-lookup:stall=300',
  'database:error=500',
  'activities-api:n-plus-one=',
  'activities-api:delay=5',
  'USER-LOOKUP:abort',
  'user-lookup:abort user-lookup:abort',
]) {
  t.test(`${JSON.stringify(text)} is not a fault`, (t) => {
    t.equal(parseFault(text), undefined);
    t.end();
  });
}
