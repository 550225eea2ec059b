import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import t from 'tap';
import {
  aliasesOf,
  isReserved,
  knownAttribute,
  nearestKnown,
  SEMCONV_VERSION,
  withSemconvAliases,
} from '../../../src/core/conventions/attributes.ts';

t.test('the query of a URL is also in the whole URL, under both of its names', async (t) => {
  for (const name of ['url.query', 'url.*', 'http.target'])
    t.ok(
      ['url.full', 'http.url'].every((each) => withSemconvAliases(name).includes(each)),
      name,
    );
  t.ok(withSemconvAliases('client.address').includes('net.peer.ip'));
  t.ok(withSemconvAliases('db.statement').includes('db.query.summary'));
});

t.test('the table has every attribute of the package in its release', async (t) => {
  const names = Object.entries(conventions).filter(([constant]) => constant.startsWith('ATTR_'));
  t.ok(names.length > 900);
  for (const [constant, name] of names)
    t.ok(knownAttribute(typeof name === 'function' ? name('some-key') : String(name)), constant);
  const entry = fileURLToPath(import.meta.resolve('@opentelemetry/semantic-conventions'));
  const manifest = JSON.parse(readFileSync(entry.replace(/dist\/.*$/, 'package.json'), 'utf8'));
  t.equal(SEMCONV_VERSION, manifest.version);
});

t.test('types are those of the conventions, as far as the package shows them', async (t) => {
  const types = {
    'http.request.method': 'string',
    'http.response.status_code': 'int',
    'server.port': 'int',
    'db.response.status_code': 'string',
    'db.system.name': 'string',
    'network.protocol.version': 'string',
    'deployment.id': 'string',
    'vcs.change.id': 'string',
    'process.pid': 'int',
    'rpc.grpc.status_code': 'int',
    'gen_ai.request.temperature': 'double',
    'gen_ai.response.finish_reasons': 'array',
    'http.request.header.x-request-id': 'array',
    'tls.resumed': 'boolean',
  };
  for (const [name, type] of Object.entries(types)) t.equal(knownAttribute(name)?.type, type, name);
});

t.test('a deprecated name has its replacement, and a moved one is as valid as before', async (t) => {
  t.strictSame(knownAttribute('http.method')?.by, ['http.request.method']);
  t.strictSame(knownAttribute('http.target')?.by, ['url.path', 'url.query']);
  t.strictSame(knownAttribute('db.sql.table')?.by, ['db.collection.name']);
  t.equal(knownAttribute('error.message')?.by, undefined);
  t.match(knownAttribute('db.user')?.deprecated, 'Removed');
  t.equal(knownAttribute('gen_ai.operation.name')?.deprecated, undefined);
  t.strictSame(aliasesOf('http.request.method'), ['http.request.method', 'http.method']);
  t.ok(aliasesOf('server.address').includes('net.peer.name'));
  t.strictSame(aliasesOf('app.now'), ['app.now']);
});

t.test('unknown names of reserved namespaces have the nearest known name', async (t) => {
  t.ok(isReserved('http.request_method'));
  t.notOk(isReserved('app.now'));
  t.notOk(isReserved('http'));
  t.equal(nearestKnown('http.request_method'), 'http.request.method');
  t.equal(nearestKnown('db.querytext'), 'db.query.text');
  t.equal(nearestKnown('http.weather'), undefined);
});
