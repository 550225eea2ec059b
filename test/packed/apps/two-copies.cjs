// A service whose copy of the package is another than the one that `--require` has loaded, as in a bundle; a plugin of
// somebody else brings the first one, too. Prints what it says of itself.
const copy = require('./copy/index.cjs');
const { fastifyTracing } = require('@tandem/telemetry');
const Fastify = require('fastify');

async function main() {
  const lines = [];
  const write = (line) => void lines.push(JSON.parse(line));
  const app = Fastify({ logger: { mixin: copy.logMixin, stream: { write } } });
  await app.register(copy.fastifyTracing);
  await app.register(fastifyTracing);
  app.get('/', async (request) => {
    copy.withSpan('work', {}, () => request.log.info('here'));
    return 'ok';
  });
  const { telemetry } = require('./copy/register.cjs');
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const response = await fetch(origin);
  await response.text();
  await telemetry.flush();
  const service = lines.find(({ msg }) => msg === 'here')['service.name'];
  console.log(JSON.stringify({ copied: { service, destinations: telemetry.counters().spans.destinations.length } }));
  await app.close();
}

main();
