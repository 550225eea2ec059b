import type { DemoService } from '../services.ts';
import type { TraceBuilder } from '../trace-builder.ts';
import { Kind, serverAttributes } from '../trace-builder.ts';

/** Levels of the deep trace, and children of one span in the wide one. */
export const DEEP_LEVELS = 320;
export const WIDE_CHILDREN = 5000;

/** Spans within spans: a recursive resolver that calls itself, every tenth level in another service. */
export function addDeep(trace: TraceBuilder, services: readonly DemoService[]): void {
  let parent: string | undefined;
  for (let level = 0; level < DEEP_LEVELS; level++) {
    const service = services[Math.floor(level / 10) % services.length] as DemoService;
    parent = trace.add(service, {
      parent,
      name: level === 0 ? 'POST /graphql' : `resolve Category.children[${level}]`,
      kind: level === 0 ? Kind.server : Kind.internal,
      startMs: level * 0.4,
      durationMs: 2 * (DEEP_LEVELS - level) * 0.4 + 1,
      attributes: level === 0 ? serverAttributes('POST', '/graphql', 200) : { 'app.level': level },
    });
  }
}

/** One span with thousands of children: a batch job that writes row by row. Every 700th fails. */
export function addWide(trace: TraceBuilder, services: readonly DemoService[]): void {
  const service = services[0] as DemoService;
  const eachMs = 0.9;
  const parent = trace.add(service, {
    name: 'nightly import — Artikelstammdaten übernehmen',
    startMs: 0,
    durationMs: WIDE_CHILDREN * eachMs + 4,
  });
  for (let i = 0; i < WIDE_CHILDREN; i++) {
    trace.add(service, {
      parent,
      name: 'INSERT articles',
      kind: Kind.client,
      startMs: 1 + i * eachMs,
      durationMs: 0.2 + 0.6 * trace.random.next(),
      attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'articles', 'app.row': i },
      ...(i % 700 === 699 && {
        status: 2 as const,
        statusMessage: 'duplicate key value violates unique constraint',
      }),
    });
  }
}

/** A span whose attributes are as large as people send them: a whole document, a long query, many keys. */
export function addLargeAttributes(trace: TraceBuilder, services: readonly DemoService[]): void {
  const service = services[0] as DemoService;
  const lines = Array.from({ length: 120 }, (_, i) => ({
    sku: `SKU-${1000 + i}`,
    quantity: 1 + (i % 9),
    price: i * 1.25,
  }));
  const columns = Array.from({ length: 80 }, (_, i) => `t.column_${i}`).join(', ');
  const parent = trace.add(service, {
    name: 'POST /orders/import',
    kind: Kind.server,
    startMs: 0,
    durationMs: 84,
    attributes: serverAttributes('POST', '/orders/import', 201, {
      'http.request.body.content': JSON.stringify({ customer: 'größter Kunde GmbH & Co. KG', lines }),
      'app.note': 'lorem ipsum dolor sit amet '.repeat(400),
      ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`app.flag.number_${i}`, i % 2 === 0])),
    }),
  });
  trace.add(service, {
    parent,
    name: 'SELECT order_lines',
    kind: Kind.client,
    startMs: 8,
    durationMs: 61,
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': 'orders',
      'db.query.text': `with recursive tree as (select id, parent_id from orders where id = $1 union all select o.id, o.parent_id from orders o join tree on o.parent_id = tree.id) select ${columns} from order_lines t join tree using (id) where t.deleted_at is null and (t.kind = 'A' or t.kind in ('B', 'C')) order by t.position desc limit $2`,
    },
  });
}

/** Span names that do not fit: hundreds of characters, right to left, emoji, line breaks. */
export function addUnusualNames(trace: TraceBuilder, services: readonly DemoService[]): void {
  const names = [
    `com.example.warehouse.${'replenishment.'.repeat(18)}PlanningEngine.recalculateAllOpenPurchaseOrders`,
    'استعلام عن الطلب رقم ٤٢',
    'בדיקת מלאי',
    '在庫を確認する — 東京第三倉庫',
    '👩‍👩‍👧‍👦 family-plan ✅',
    'line one\nline two\tand a tab',
    '<script>alert(1)</script>',
    '',
    'Ωμέγα → кириллица → ไทย',
  ];
  let parent: string | undefined;
  names.forEach((name, i) => {
    const spanId = trace.add(services[i % services.length] as DemoService, {
      parent,
      name,
      kind: i === 0 ? Kind.server : Kind.internal,
      startMs: i * 3,
      durationMs: 40 - i * 3,
    });
    parent ??= spanId;
  });
}
