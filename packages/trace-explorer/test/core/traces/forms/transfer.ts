import type { temporaryExplorer } from '../../../explorer.ts';

type Explorer = Pick<Awaited<ReturnType<typeof temporaryExplorer>>, 'app' | 'get'>;

/** Everything that an explorer holds, as `export` writes it: a document per line. */
export async function exportAll({ app, get }: Explorer): Promise<string[]> {
  const { traces } = (await get('/api/traces?limit=200')).body as { traces: { trace_id: string }[] };
  const texts = [];
  for (const { trace_id } of traces) texts.push((await app.inject(`/api/export?trace_id=${trace_id}`)).body);
  texts.push((await app.inject('/api/logs/export')).body);
  return texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
}

export interface Sum {
  readonly spans: number;
  readonly logs: number;
  readonly known: number;
  readonly rejected: number;
}

/** Imports documents one after the other. @returns what became of all of them */
export async function importAll({ app }: Pick<Explorer, 'app'>, documents: readonly string[]): Promise<Sum> {
  const sum = { spans: 0, logs: 0, known: 0, rejected: 0 };
  for (const payload of documents) {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: '/api/import', headers, payload });
    if (answer.statusCode !== 200) throw new Error(answer.body);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += answer.json()[name];
  }
  return sum;
}
