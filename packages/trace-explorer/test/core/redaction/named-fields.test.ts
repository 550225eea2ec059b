import t from 'tap';
import { looksSecret } from '../../../src/core/redaction/named-fields.ts';

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
