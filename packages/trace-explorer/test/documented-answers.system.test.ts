import { rawRequest, watchAnswers } from '@tandem/service-kit/testing';
import t from 'tap';
import { Check } from 'typebox/value';
import { temporaryExplorer } from './explorer.ts';

const METHODS = ['get', 'post', 'delete'] as const;

/** What a request may get wrong: a line or more of its head, and its body. */
const MISTAKES = {
  'an unknown parameter': { query: '?nonsense=%zz&limit=-1&time_range=x&before=x' },
  'a strange host': { host: 'rebound.example' },
  'a page of another origin': { headers: 'origin: https://evil.example\r\n' },
  'a head that is too large': { headers: `x-big: ${'x'.repeat(20_000)}\r\n` },
  'a URL that is too long': { query: `?${'q'.repeat(20_000)}` },
  'an expectation that is none': { headers: 'expect: more\r\n' },
  'what is no HTTP': { headers: 'no header\r\n' },
  'no JSON': { body: '{' },
  'JSON of another kind': { body: '[1]' },
  'no text that is taken': { body: 'x', type: 'text/csv' },
  'a body that is too large': { body: JSON.stringify({ x: 'x'.repeat(300_000) }) },
} as const;

/** Parameters of a path: there is none with this value, it has the wrong form, it is too long, it cannot be read. */
const VALUES = ['0'.repeat(31).concat('1'), 'no-such', 'x'.repeat(600), '%zz'];

t.test('what each documented route answers to bad requests is what its document says', async (t) => {
  const { app } = await temporaryExplorer(t);
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  const { paths, components } = (await app.inject('/documentation/json')).json();
  const resolve = ({ $ref, ...schema }: { $ref?: string }) =>
    $ref === undefined ? schema : components.schemas[$ref.slice('#/components/schemas/'.length)];
  const listed = new Set<number>();
  const watched = watchAnswers(app);
  for (const [path, operations] of Object.entries<Record<string, object>>(paths)) {
    for (const method of METHODS.filter((each) => each in operations)) {
      const { responses } = operations[method] as { responses: Record<string, Documented> };
      t.ok(408 in responses, `${method} ${path}: a request that does not come whole`);
      for (const [mistake, given] of Object.entries<Mistake>(MISTAKES)) {
        if (method === 'get' && given.body !== undefined) continue;
        if (path === '/api/live' && given.query !== undefined) continue; // is answered, and goes on
        for (const value of path.includes('{') ? VALUES : ['']) {
          const {
            query = '',
            host = 'localhost',
            headers = '',
            body = '',
            type = 'application/json',
          } = given;
          const answer = await rawRequest(
            port,
            `${method.toUpperCase()} ${path.replace(/\{[^}]+\}/g, value)}${query} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n` +
              `content-length: ${body.length}\r\n${body === '' ? '' : `content-type: ${type}\r\n`}${headers}\r\n${body}`,
          );
          if (answer.status < 400) continue;
          const name = `${method} ${path} with ${mistake}, ${value.slice(0, 40)}: ${answer.status}`;
          t.match(answer.headers['content-type'], /^application\/problem\+json/, name);
          t.ok(answer.status < 500, name);
          const response = (responses[answer.status] ?? responses.default) as Documented;
          const { schema } = response.content['application/problem+json'];
          t.ok(Check(resolve(schema), JSON.parse(answer.body)), `${name} has the form that is documented`);
          if (answer.status in responses) listed.add(answer.status);
        }
      }
    }
  }
  t.same(await watched.undocumented(), []);
  t.same([...listed].toSorted(), [400, 404, 414, 417, 421, 431]);
});

interface Documented {
  readonly content: { readonly 'application/problem+json': { readonly schema: object } };
}

interface Mistake {
  readonly query?: string;
  readonly host?: string;
  readonly headers?: string;
  readonly body?: string;
  readonly type?: string;
}
