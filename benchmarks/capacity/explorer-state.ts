import { readFileSync } from 'node:fs';
import type { Explorer } from '../lib/explorer-process.ts';

/** The explorer's status: its store and its losses. */
export interface Status {
  readonly spans: number;
  readonly bytes: number;
  readonly max_bytes: number;
  readonly dropped: { readonly bytes: number; readonly busy: number; readonly failed: number };
  readonly notices: readonly string[];
}

export async function statusOf({ origin }: Explorer): Promise<Status> {
  return (await fetch(`${origin}/api/status`)).json() as Promise<Status>;
}

/** Highest resident memory so far, in MB, as Linux has it. */
export function memoryOf(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round((Number(kibibytes) * 1024) / 1e6);
}

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}

/**
 * Asks the explorer, with POST where there is a body.
 * @throws Error with the answer, when it is no success
 */
export async function ask(
  { origin }: Explorer,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const request = {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
    ...(signal && { signal }),
  };
  // A second try where a kept connection broke.
  const response = await fetch(origin + path, request).catch(() => fetch(origin + path, request));
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** Creates a query and runs it. */
export async function askQuery(
  query: unknown,
  asked: (path: string, body?: unknown) => Promise<unknown>,
): Promise<void> {
  const { id } = (await asked('/1/queries/__all__', query)) as { id: string };
  await asked('/1/query_results/__all__', { query_id: id });
}
