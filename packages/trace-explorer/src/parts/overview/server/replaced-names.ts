import { TYPED } from '../../../core/call.ts';
import { knownAttribute } from '../../../core/conventions/attributes.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import { NAMES } from '../../../core/traces/read/meanings.ts';
import type { SpansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { shellWord } from '../../../lib/text/harmless-text.ts';
import { counted } from '../../../lib/text/words.ts';

/** Most services in the notice; services with the most spans come first. */
const MOST = 3;

/** Replaced names of the conventions, among the names that the explorer reads. */
const REPLACED = [...new Set(Object.values(NAMES).flat())].filter(
  (name) => knownAttribute(name)?.deprecated !== undefined,
);

/** A sentence for each service whose spans have names that the conventions replaced. */
export async function readReplacedNames(
  store: SpanStore,
  { readPlain, ofService }: SpansInRange,
): Promise<string[]> {
  const fields = store.fields();
  const found = REPLACED.flatMap((name) => fields.get(name) ?? []);
  if (found.length === 0) return [];
  const has = found.map(({ sql }) => `${sql} IS NOT NULL`);
  const name = found.map(({ name }, index) => `WHEN ${has[index]} THEN '${name}'`).join(' ');
  const rows = await readPlain(
    `SELECT _dataset, count(*), min(CASE ${name} END) FROM spans
    WHERE _time >= $1 AND _time < $2 AND ${fields.get('span.kind')?.sql} IS NOT NULL AND ${ofService} AND (${has.join(' OR ')})
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MOST}`,
  );
  return rows.map(([service, count, example]) => {
    const where = `${counted(Number(count), 'span')} of ${service}`;
    return `The conventions have replaced names in ${where}, such as ${example}. What to change: ${TYPED} verify --service ${shellWord(String(service))}`;
  });
}
