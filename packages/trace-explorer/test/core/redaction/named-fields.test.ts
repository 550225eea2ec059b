import t from 'tap';
import { isOfCode, looksSecret } from '../../../src/core/redaction/named-fields.ts';

t.test('names of fields that are often secret', async (t) => {
  for (const name of [
    'http.request.header.authorization',
    'http.request.header.set-cookie',
    'api_key',
    'db.password',
    'session.id',
    'access.token',
  ])
    t.ok(looksSecret(name), name);
  for (const name of ['http.route', 'gen_ai.usage.input_tokens', 'user.id', 'secretary'])
    t.notOk(looksSecret(name), name);
});

t.test('attributes that name lines of code, which stay on the machine', async (t) => {
  for (const name of ['code.line.number', 'tandem.loop', 'tandem.code.folder', 'tandem.code.held_at'])
    t.ok(isOfCode(name), name);
  for (const name of ['tandem.call.held_by', 'barcode.number']) t.notOk(isOfCode(name), name);
});
