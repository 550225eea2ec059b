import { connect } from 'node:net';
import type { Test } from 'tap';
import type { Pair } from '../pair.ts';

/** Sends a request of each kind to a pair with FAULT_INJECTION, so that the pair makes each kind of span. */
export async function askEverything(t: Test, pair: Pair): Promise<void> {
  /** Sends a request and checks that it is answered as meant: a wrong one would prove nothing. */
  const ask = async (status: number, path: string, init: RequestInit = {}) => {
    const response = await fetch(path.startsWith('http') ? path : `${pair.api}${path}`, init);
    const body = await response.text();
    t.equal(response.status, status, `${init.method ?? 'GET'} ${path}`);
    return body;
  };
  const post = (status: number, path: string, fields: object, headers: Record<string, string> = {}) =>
    ask(status, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ handle: 'andrewbrown', message: 'hello', ttl: '1-day', ...fields }),
    });
  const withFault = (fault: string) => ({ headers: { 'tandem.fault': fault } });

  await ask(200, '/api/activities/home?limit=5');
  await ask(200, '/api/activities/@andrewbrown');
  await ask(200, '/api/activities/search?term=a');
  await ask(200, '/api/activities/notifications?handle=andrewbrown');
  const { uuid } = JSON.parse(await post(201, '/api/activities', {}));
  await post(201, `/api/activities/${uuid}/reply`, {});
  await ask(200, `/api/activities/${uuid}`);
  await ask(200, '/api/activities/home', { method: 'HEAD' });
  await ask(204, '/api/activities/home', {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'GET' },
  });
  await ask(200, `${pair.userLookupUrl}/api/users/andrewbrown`);
  await ask(200, `${pair.userLookupUrl}/api/users/search?q=a`);
  await ask(404, `${pair.userLookupUrl}/api/users/nobody_has_this`);
  // Answers 4xx, by routes, the router and the services themselves.
  await ask(404, '/api/nothing?sig=secret');
  await ask(404, '/nothing');
  await ask(404, '/api/activities/00000000-0000-4000-8000-000000000000');
  await post(422, '/api/activities', { handle: 'nobody_has_this' });
  await post(400, '/api/activities', { ttl: 'forever' });
  await ask(404, '/api/activities/home', { method: 'DELETE' });
  await ask(400, '/api/%E0%A4%A');
  await sendRaw(pair.api, 'BREW /api/coffee HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  await sendRaw(pair.api, 'GET /api/activities/home HTTP/1.0\r\n\r\n');
  // Failures on the way.
  await ask(200, '/api/activities/home', withFault('user-lookup:error=503'));
  await ask(200, '/api/activities/home', withFault('user-lookup:abort'));
  await ask(200, '/api/activities/home', withFault('activities-api:n-plus-one'));
  await ask(200, '/api/activities/home', withFault('database:delay=20'));
  const abort = AbortSignal.timeout(150);
  await t.rejects(
    fetch(`${pair.api}/api/activities/home`, { signal: abort, ...withFault('user-lookup:delay=900') }),
  );
}

/** Sends bytes as they are, and waits until the server closes the connection. */
async function sendRaw(url: string, bytes: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume().write(bytes);
  await closed;
}
