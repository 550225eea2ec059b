import type { ProblemKey } from '../../../core/problems/problem-key.ts';
import { ERROR, LOG, partsOfKey } from '../../../core/problems/problem-key.ts';
import { FAILED } from '../../../core/query/build/failed-spans.ts';
import type { Filter, QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { LEAST_OF_WORK_NS, MIN_SLOW_CALL_NS } from '../../../core/traces/findings/slow-call.ts';
import { THIS_MACHINE } from '../../../core/traces/model/shapes.ts';
import { NAMES } from '../../../core/traces/read/meanings.ts';

/** The names by which a call finds this machine, and the fields that have them alone, without a port. */
const OF_THIS_MACHINE = ['localhost', '127.0.0.1', '::1', '[::1]'];
const ADDRESS = ['server.address', 'net.peer.name'];
/** Shorter words between variable parts of a message say little. */
const LEAST_WORD = 3;

/**
 * A query in Honeycomb's JSON for the spans of a cause; undefined where only whole traces or log records show it. Of a message with variable
 * parts it asks for the words between them, and of a call's target for its URL.
 */
export function causeQuery(key: ProblemKey, hasField: (name: string) => boolean): QuerySpecInput | undefined {
  const { rule, service, name, kind, type, message, target, shape } = partsOfKey(key);
  const ofService: Filter = { column: 'service.name', op: '=', value: service };
  const database = NAMES.databaseSystem.find(hasField);
  // What the process did with its connections meanwhile, in all of its requests.
  if (rule === 'waited-for-connection' && database !== undefined)
    return {
      calculations: [{ op: 'SUM', column: 'duration_ms' }, { op: 'COUNT' }],
      filters: [ofService, { column: database, op: 'exists' }],
      breakdowns: ['name'],
    };
  if ((rule !== ERROR && rule !== 'slow-call') || kind === LOG) return undefined;
  const url = NAMES.url.find(hasField);
  if (target !== '' && (kind !== 'client' || url === undefined)) return undefined;
  const path = shape.startsWith('/') ? shape.split('/:id', 1)[0] : '';
  // A port stands between this machine's name and the path: another field has the name.
  const address = target === THIS_MACHINE && url !== undefined ? ADDRESS.find(hasField) : undefined;
  const called = `${target === THIS_MACHINE ? '' : target}${path}`;
  const place: Filter[] = [
    ofService,
    ...(name === '' ? [] : [{ column: 'name', op: '=', value: name } as const]),
    { column: 'span.kind', op: '=', value: kind },
    ...(address === undefined ? [] : [{ column: address, op: 'in', value: OF_THIS_MACHINE } as const]),
    ...(target === '' || called === '' || url === undefined
      ? []
      : [{ column: url, op: 'contains', value: called } as const]),
  ];
  if (rule === 'slow-call') {
    const least = kind === 'internal' ? LEAST_OF_WORK_NS : MIN_SLOW_CALL_NS;
    return {
      calculations: [{ op: 'HEATMAP', column: 'duration_ms' }, { op: 'COUNT' }],
      filters: [...place, { column: 'duration_ms', op: '>=', value: least / 1e6 }],
    };
  }
  const isSaid = type !== '' || /[^\d]/.test(message);
  const words = isSaid ? message.split('…').filter((word) => word.trim().length >= LEAST_WORD) : [];
  const says = words.map(
    (value): Filter => ({ column: 'exception.message', op: 'contains', value: value.trim() }),
  );
  return {
    calculations: [{ op: 'COUNT' }],
    filters: [
      ...place,
      ...FAILED,
      ...(type === '' ? [] : [{ column: 'exception.type', op: '=', value: type } as const, ...says]),
    ],
  };
}
