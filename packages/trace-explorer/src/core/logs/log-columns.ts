import { LEVEL_NAMES, LEVEL_WORDS, LEVELS } from '../../lib/text/log-levels.ts';
import { readField } from '../store/read/field-sql.ts';
import type { SpanStore } from '../store/store.ts';
import { spanColumns } from '../traces/read/span-columns.ts';

/** SQL expressions over table `spans` for the fields of log records. */
export function logColumns(store: SpanStore) {
  const { isLog, traceId, parentId, service } = spanColumns(store);
  const read = (name: string, type: string) => readField(store.fields(), name, type);
  const [thrown, message] = [read('exception.type', 'VARCHAR'), read('exception.message', 'VARCHAR')];
  const [severityCode, severityText] = [read('severity_code', 'BIGINT'), read('severity_text', 'VARCHAR')];
  return {
    isLog,
    traceId,
    /** Id of the record's span. */
    parentId,
    service,
    /** The word of the level. For a record without a number, the level that its text names, else `unspecified`. */
    severity: levelSql(severityCode, `coalesce(${severityText}, ${read('severity', 'VARCHAR')})`),
    severityCode,
    severityText,
    body: read('body', 'VARCHAR'),
    eventName: read('event.name', 'VARCHAR'),
    /** The exception of the record, `TypeError: x is not a function`. */
    exception: `concat_ws(': ', ${thrown}, ${message})`,
    hasException: `(${thrown} IS NOT NULL OR ${message} IS NOT NULL)`,
  };
}

/**
 * husky gives a record without a number no level, also where its text has one. Here the text gives the level, so that a search for
 * errors finds the record. An attribute named `severity` replaces husky's word, but not the number.
 */
function levelSql(code: string, said: string): string {
  const numbers = LEVEL_NAMES.map((level) => {
    return `WHEN ${code} BETWEEN ${LEVELS[level]} AND ${LEVELS[level] + NUMBERS - 1} THEN '${level}'`;
  });
  const words = LEVEL_NAMES.map((level) => {
    return `WHEN lower(${said}) IN (${LEVEL_WORDS[level].map((word) => `'${word}'`).join(', ')}) THEN '${level}'`;
  });
  return `CASE ${numbers.join(' ')} ${words.join(' ')} ELSE 'unspecified' END`;
}

/** SeverityNumbers of one level. */
const NUMBERS = 4;
