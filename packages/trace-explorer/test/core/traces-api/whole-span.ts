import { at, ids } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';

export const id = ids();
export const traceId = id('trace', 16);

/** A span with something in each of its fields. */
export const span: PlainSpan = {
  traceId,
  spanId: id('span'),
  parentSpanId: id('parent'),
  traceState: 'a=b',
  name: 'home-activities-data',
  kind: 1,
  start: at(0),
  durationMs: 12.5,
  service: 'activities-api',
  resource: { 'service.version': '1.2.3' },
  scope: { name: 'tandem', version: '1.0.0' },
  attributes: {
    'app.now': 'x',
    list: ['a', 'b'],
    big: 2n ** 60n,
    nested: { map: { deep: true } },
    bytes: new Uint8Array([1, 2]),
  },
  events: [{ name: 'exception', time: at(3), attributes: { 'exception.message': 'no' } }],
  links: [{ traceId: id('other', 16), spanId: id('linked') }],
  status: 2,
  statusMessage: 'failed',
};
