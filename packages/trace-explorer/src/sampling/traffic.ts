import { getOrMake } from '../shared/get-or-make.ts';
import type { Recording } from './recording.ts';
import { EVENT, LINK, SPAN } from './recording.ts';

/** Fields that the report looks at. */
export const REPORT_FIELDS = [
  'service.name',
  'name',
  'http.route',
  'http.request.method',
  'http.method',
] as const;
/** Fields that name users, the present one first. */
export const USER_FIELDS = ['user.id', 'enduser.id', 'user.name'] as const;

/** Traces that begin at one route. */
export interface Route {
  readonly service: string;
  readonly route: string;
  readonly traces: number[];
}

/** What the report says about traces, whatever the rules: the root, route, failure, users and volume of each. */
export class Traffic {
  readonly recording: Recording;
  readonly routes: readonly Route[];
  /** 1 for a trace with a failed span. */
  readonly failed: Uint8Array;
  /** The traces of each user. */
  readonly users: ReadonlyMap<string, readonly number[]>;
  readonly userField: string;
  /** What each trace has of rows and bytes; `weighted` are its events before an earlier sampling. */
  readonly volumes: Readonly<Record<'spans' | 'events' | 'links' | 'bytes' | 'weighted', Float64Array>>;
  /** Whether rows stand for several. */
  readonly isSampled: boolean;
  readonly #roots: Int32Array;

  constructor(recording: Recording) {
    this.recording = recording;
    const count = recording.traceIds.length;
    const { rows } = recording;
    const each = () => new Float64Array(count);
    const volumes = { spans: each(), events: each(), links: each(), bytes: each(), weighted: each() };
    const ofKind = { [SPAN]: volumes.spans, [EVENT]: volumes.events, [LINK]: volumes.links };
    this.volumes = volumes;
    this.failed = new Uint8Array(count);
    this.#roots = new Int32Array(count).fill(-1);
    this.userField = USER_FIELDS.find((name) => recording.columns.has(name)) ?? '';
    const user = recording.reader(this.userField);
    const users = new Map<string, number[]>();
    const add = (values: Float64Array, trace: number, value: number) => {
      values[trace] = (values[trace] ?? 0) + value;
    };
    for (const [row, trace] of rows.trace.entries()) {
      const kind = rows.kind[row];
      add(ofKind[kind as keyof typeof ofKind], trace, 1);
      add(volumes.bytes, trace, rows.bytes[row] ?? 0);
      add(volumes.weighted, trace, rows.weight[row] ?? 1);
      if (kind !== SPAN) continue;
      if (rows.failed[row] === 1) this.failed[trace] = 1;
      if (rows.root[row] === 1 && this.#roots[trace] === -1) this.#roots[trace] = row;
      const name = user(row);
      if (name === undefined) continue;
      const traces = getOrMake(users, String(name), () => []);
      if (traces.at(-1) !== trace) traces.push(trace);
    }
    this.isSampled = rows.weight.some((weight) => weight > 1);
    this.users = users;
    this.routes = this.#byRoute();
  }

  /** The first span of a trace; undefined for a trace whose root did not come. */
  rootOf(trace: number): number | undefined {
    const row = this.#roots[trace] ?? -1;
    return row === -1 ? undefined : row;
  }

  durationOf(row: number): number {
    const { start, arrival } = this.recording.rows;
    return ((arrival[row] ?? 0) - (start[row] ?? 0)) / 1e6;
  }

  #byRoute(): readonly Route[] {
    const { recording } = this;
    const [service, name, route, method, oldMethod] = REPORT_FIELDS.map((field) =>
      recording.reader(field),
    ) as [Read, Read, Read, Read, Read];
    const routes = new Map<string, Route>();
    for (const trace of recording.traceIds.keys()) {
      const row = this.rootOf(trace);
      if (row === undefined) continue;
      const template = route(row);
      const own =
        template === undefined ? name(row) : `${method(row) ?? oldMethod(row) ?? ''} ${template}`.trim();
      const key = { service: String(service(row) ?? ''), route: String(own ?? '') };
      getOrMake(routes, JSON.stringify(key), () => ({ ...key, traces: [] })).traces.push(trace);
    }
    return [...routes.values()].sort((a, b) => b.traces.length - a.traces.length);
  }
}

type Read = ReturnType<Recording['reader']>;
