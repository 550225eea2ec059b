/** A valid request of a route, from which bad requests are made. */
export interface RouteExample {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The bytes of a request that must be refused. */
export interface BadRequest {
  readonly name: string;
  readonly bytes: Buffer;
  readonly status: number;
  /** The field in the first error of the problem. */
  readonly field?: string;
}

const MEGABYTE = 'x'.repeat(1024 * 1024);

/** Requests that every route must refuse. */
export function badRequestsFor(route: RouteExample): BadRequest[] {
  const { method, url } = route;
  const mark = url.includes('?') ? '&' : '?';
  const good = route.body === undefined ? undefined : JSON.stringify(route.body);
  const withUrl = (changed: string) => encode(method, changed, {}, good);
  const withHeaders = (headers: Record<string, string>) => encode(method, url, headers, good);
  const requests: BadRequest[] = [
    { name: 'another method', bytes: encode('DELETE', url), status: 404 },
    { name: 'another method, absolute', bytes: encode('PUT', `http://evil.example${url}`), status: 404 },
    {
      name: 'bad percent-encoding in the path',
      bytes: withUrl(url.replace(/([^/?]+)(\?|$)/, '%ff%zz$2')),
      status: 400,
    },
    ...['0', '-1', '1.5', 'NaN', ''].map((timeout) => ({
      name: `a timeout of ${JSON.stringify(timeout)}`,
      bytes: withHeaders({ 'x-request-timeout-ms': timeout }),
      status: 400,
      field: 'x-request-timeout-ms',
    })),
  ];
  const twoHosts = encode(method, url, { host: 'test\r\nHost: evil.example' }, good);
  requests.push({ name: 'two hosts', bytes: twoHosts, status: 400, field: 'host' });
  for (const name of ['nonsense', '__proto__', 'constructor', 'limit[]', 'toString'])
    requests.push({
      name: `query ${name}`,
      bytes: withUrl(`${url}${mark}${name}=1`),
      status: 400,
      field: name,
    });
  return route.body === undefined ? requests : [...requests, ...badBodies(route, route.body)];
}

/** Requests that every route with a JSON body must refuse. */
function badBodies({ method, url }: RouteExample, body: Readonly<Record<string, unknown>>): BadRequest[] {
  const send = (content: string | Buffer, headers: Record<string, string> = {}) =>
    encode(method, url, headers, content);
  const json = JSON.stringify(body);
  const deep = `${'[{"a":'.repeat(5000)}1${'}]'.repeat(5000)}`;
  const requests: BadRequest[] = [
    { name: 'no body', bytes: send(''), status: 400, field: '' },
    { name: 'half a body', bytes: send(json.slice(0, -2)), status: 400, field: '' },
    { name: 'a body of 1 MB', bytes: send(JSON.stringify({ ...body, x: MEGABYTE })), status: 413, field: '' },
    { name: 'UTF-16', bytes: send(Buffer.from(json, 'utf16le')), status: 400, field: '' },
    {
      name: 'plain text',
      bytes: send(json, { 'content-type': 'text/plain' }),
      status: 415,
      field: 'content-type',
    },
    {
      name: 'a form',
      bytes: send('a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      status: 415,
      field: 'content-type',
    },
    { name: 'a __proto__ key', bytes: send(`{"__proto__":{"x":1},${json.slice(1)}`), status: 400, field: '' },
    {
      name: 'a constructor key',
      bytes: send(`{"constructor":{"prototype":{}},${json.slice(1)}`),
      status: 400,
      field: '',
    },
    { name: 'deep JSON', bytes: send(deep.slice(0, 60_000)), status: 400, field: '' },
    { name: 'deep JSON in a field', bytes: send(`{"x":${deep},${json.slice(1)}`), status: 400, field: 'x' },
    ...['null', '1', '"text"', '[]', 'true'].map((value) => ({
      name: `${value} as body`,
      bytes: send(value),
      status: 400,
      field: '',
    })),
    {
      name: 'an unknown field',
      bytes: send(JSON.stringify({ ...body, extra: 1 })),
      status: 400,
      field: 'extra',
    },
  ];
  for (const field of Object.keys(body)) {
    const { [field]: _, ...rest } = body;
    requests.push({ name: `no ${field}`, bytes: send(JSON.stringify(rest)), status: 400, field });
    for (const value of [null, 1, true, [], {}, ['a'], '', 'a\u0000b', '\ud800'])
      requests.push({
        name: `${field} = ${JSON.stringify(value)}`,
        bytes: send(JSON.stringify({ ...body, [field]: value })),
        status: 400,
        field,
      });
  }
  return requests;
}

function encode(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Buffer {
  const all: Record<string, string> = { host: 'test', connection: 'close', ...headers };
  if (all.host === '') delete all.host;
  if (body !== undefined) {
    all['content-type'] ??= 'application/json';
    all['content-length'] ??= String(Buffer.byteLength(body));
  }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${method} ${url} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1'),
    Buffer.from(body ?? ''),
  ]);
}
