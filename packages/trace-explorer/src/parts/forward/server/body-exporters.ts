import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Outcome, Signal } from '@tandem/telemetry/workspace/delivery';
import { HttpExporter } from '@tandem/telemetry/workspace/delivery';
import type { BodyForm } from './join-bodies.ts';
import { formOf } from './join-bodies.ts';

/** Time in which the exporter repeats a request, in milliseconds. */
const EXPORT_TIMEOUT_MS = 10_000;

/** The exporters to one address, one for each form of body, each made when it is first needed. */
export class BodyExporters {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #signal: Signal;
  readonly #exporters = new Map<BodyForm, HttpExporter>();

  constructor(url: string, headers: Readonly<Record<string, string>>, signal: Signal) {
    this.#url = url;
    this.#headers = headers;
    this.#signal = signal;
  }

  send(body: Uint8Array, items: number): Promise<Outcome> {
    const form = formOf(body);
    const exporter = this.#exporters.get(form) ?? this.#make(form);
    this.#exporters.set(form, exporter);
    return exporter.send(body, items);
  }

  /** Ends requests under way, and closes the connections. A later request opens new ones. */
  close(): void {
    for (const exporter of this.#exporters.values()) exporter.close();
    this.#exporters.clear();
  }

  #make(form: BodyForm): HttpExporter {
    const headers = { ...this.#headers, ...(form === 'gzip' && { 'Content-Encoding': 'gzip' }) };
    const signal = form === 'json' ? { ...this.#signal, Exporter: OTLPTraceExporter } : this.#signal;
    return new HttpExporter({ name: 'tee', url: this.#url, headers }, signal, EXPORT_TIMEOUT_MS);
  }
}
