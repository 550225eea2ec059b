import assert from 'node:assert/strict';
import { PROBLEM_JSON } from '../src/problems/problems.ts';
import type { BadRequest } from './bad-requests.ts';
import { rawRequest } from './raw-request.ts';

/** Sends a bad request to a server and throws unless it is refused as the request says, as problem details. */
export async function assertRefused(port: number, request: BadRequest): Promise<void> {
  const response = await rawRequest(port, request.bytes);
  const seen = `${response.status} ${response.body.slice(0, 500)}`;
  assert.equal(response.status, request.status, seen);
  assert.equal(response.headers['content-type'], PROBLEM_JSON, seen);
  const problem = JSON.parse(response.body);
  assert.equal(problem.status, request.status, seen);
  assert.equal(typeof problem.code, 'string', seen);
  if (request.field !== undefined) assert.equal(problem.errors?.[0]?.field, request.field, seen);
}
