import t from 'tap';
import { banner } from '../scripts/lib/banner.ts';

const addresses = {
  page: new URL('http://localhost:3000'),
  api: new URL('http://localhost:4567'),
  userLookup: new URL('http://localhost:4568'),
  otlp: new URL('http://localhost:4318'),
};

t.test('the banner says where spans go, without what is secret in it', async (t) => {
  for (const variable of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
    for (const endpoint of [
      'https://user:hunter2@collector.example:4318/in',
      'https://collector.example:4318/hunter2hunter2hunter2/in?token=hunter2',
    ]) {
      const text = await banner(addresses, { [variable]: endpoint });
      t.match(text, 'go to https://collector.example:4318, not to the explorer');
      t.notMatch(text, 'hunter2');
    }
    const malformed = await banner(addresses, { [variable]: 'user:hunter2@collector:4318' });
    t.match(
      malformed,
      'go to the explorer (http://localhost:4318)',
      'as a process does that cannot follow it',
    );
    t.notMatch(malformed, 'hunter2');
  }
});
