import type { DemoRandom } from './random-ids.ts';

/** A service of the demo data, with what its spans say about where it runs. */
export interface DemoService {
  readonly name: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly routes: readonly DemoRoute[];
  /** Services that it calls, none of them in its own layer: calls never go in circles. */
  readonly calls: DemoService[];
  readonly database: DemoDatabase | undefined;
}

export interface DemoRoute {
  readonly method: string;
  readonly route: string;
  /** Milliseconds of its own work, most of the time. */
  readonly workMs: number;
  /** Share of its requests that fail, 0 to 1. */
  readonly failing: number;
}

export interface DemoDatabase {
  readonly system: string;
  readonly namespace: string;
  /** Milliseconds of a statement, most of the time. */
  readonly statementMs: number;
}

/** The service whose requests fail most, and the database that is slow: both are there to be found. */
export const FAILING_SERVICE = 'payment-gateway-adapter';
export const SLOW_DATABASE = { system: 'postgresql', namespace: 'ledger', statementMs: 160 } as const;

/** Names as they are found in the wild: long, unicode, right to left, with emoji, alike but for their end. */
const UNUSUAL_NAMES = [
  'customer-lifetime-value-recalculation-and-segment-assignment-worker-eu-central-1-blue',
  'customer-lifetime-value-recalculation-and-segment-assignment-worker-eu-central-1-green',
  'com.example.platform.checkout.orchestration.internal.OrderFulfilmentSagaCoordinatorService',
  'zahlungsabwicklung-für-großhändler',
  '注文処理サービス',
  '결제-서비스',
  'خدمة-المدفوعات',
  'שירות-התראות',
  '🚀 launch-pad',
  'naïve-café-recommender',
  'a',
  'Service With Spaces & <angle> "quotes"',
];

const DOMAINS = [
  'order',
  'cart',
  'catalog',
  'price',
  'stock',
  'search',
  'profile',
  'session',
  'review',
  'image',
];
const MORE_DOMAINS = [
  'shipping',
  'invoice',
  'refund',
  'coupon',
  'tax',
  'fraud',
  'email',
  'audit',
  'geo',
  'report',
];
const ROLES = [
  'api',
  'service',
  'worker',
  'store',
  'gateway',
  'index',
  'sync',
  'rules',
  'cache',
  'events',
  'export',
];
const LANGUAGES = ['nodejs', 'go', 'java', 'python', 'dotnet', 'ruby', 'rust'];
const SYSTEMS = ['postgresql', 'mysql', 'redis', 'mongodb', 'elasticsearch'];
const REGIONS = ['eu-central-1', 'eu-west-1', 'us-east-1'];

/** Layers from the edge inwards, as shares of all services; each calls the next ones. */
const LAYERS = [0.05, 0.25, 0.45, 0.25] as const;

/** The services by layer, the first being what the browser calls; every service can be reached from there. */
export function demoServices(random: DemoRandom, count: number): readonly (readonly DemoService[])[] {
  const names = serviceNames(count);
  const layers: DemoService[][] = [];
  let used = 0;
  LAYERS.forEach((share, i) => {
    const rest = LAYERS.length - 1 - i;
    const size =
      rest === 0 ? count - used : Math.max(1, Math.min(Math.round(share * count), count - used - rest));
    layers.push(names.slice(used, used + size).map((name, j) => service(name, used + j, random, rest === 0)));
    used += size;
  });
  connect(layers, random);
  return layers;
}

function serviceNames(count: number): string[] {
  const names = ['web-frontend', 'mobile-bff', 'public-api'];
  for (const role of ROLES) {
    for (const domain of [...DOMAINS, ...MORE_DOMAINS]) names.push(`${domain}-${role}`);
  }
  // Near the front, so that few services have unusual names among them too.
  names.splice(14, 0, ...UNUSUAL_NAMES);
  names.splice(Math.ceil(LAYERS[0] * count) + 1, 0, FAILING_SERVICE);
  for (let i = names.length; i < count; i++) names.push(`tenant-${String(i).padStart(4, '0')}`);
  return names.slice(0, count);
}

function service(name: string, at: number, random: DemoRandom, last: boolean): DemoService {
  const noun = /^[a-z]+/.exec(name)?.[0] ?? 'things';
  const routes = [
    { method: 'GET', route: `/${noun}s/:id` },
    { method: 'GET', route: `/${noun}s` },
    { method: 'POST', route: `/${noun}s` },
  ].slice(0, 1 + random.below(3));
  const language = LANGUAGES[at % LANGUAGES.length] ?? '';
  return {
    name,
    resource: {
      'service.version': `${1 + random.below(4)}.${random.below(20)}.${random.below(9)}`,
      'host.name': `node-${String(1 + (at % 24)).padStart(2, '0')}`,
      'deployment.environment.name': 'demo',
      'telemetry.sdk.language': language,
      'cloud.region': REGIONS[at % REGIONS.length] ?? '',
    },
    routes: routes.map((route) => ({
      ...route,
      workMs: 0.5 + 4 * random.next(),
      failing: name === FAILING_SERVICE ? 0.2 : at % 17 === 5 ? 0.03 : 0.002,
    })),
    calls: [],
    database: last || at % 3 === 0 ? database(noun, at, random) : undefined,
  };
}

function database(noun: string, at: number, random: DemoRandom): DemoDatabase {
  if (at % 29 === 20) return SLOW_DATABASE;
  const system = SYSTEMS[at % SYSTEMS.length] ?? '';
  return { system, namespace: noun, statementMs: system === 'redis' ? 0.3 : 1 + 4 * random.next() };
}

/** Each service of a layer is called by one of the layer before, and each of that one calls another at random. */
function connect(layers: readonly (readonly DemoService[])[], random: DemoRandom): void {
  layers.forEach((callers, i) => {
    const callees = layers[i + 1] ?? [];
    callees.forEach((callee, j) => {
      callers[j % callers.length]?.calls.push(callee);
    });
    if (callees.length === 0) return;
    for (const caller of callers) {
      const other = random.pick(callees);
      if (!caller.calls.includes(other)) caller.calls.push(other);
    }
    // Something that everybody needs, as payments are.
    const hub = callees.find(({ name }) => name === FAILING_SERVICE);
    if (hub === undefined) return;
    for (const caller of callers) if (!caller.calls.includes(hub)) caller.calls.push(hub);
  });
}
