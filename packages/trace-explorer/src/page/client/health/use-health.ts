import { useEffect, useState } from 'preact/hooks';
import type { ServiceHealth } from '../../pipeline-routes.ts';
import { getJson } from '../api.ts';
import { noteHoneycombAccount } from '../honeycomb-place.ts';

/** What the page reads of `GET /api/status`. */
export interface Status {
  readonly spans: number;
  readonly bytes: number;
  readonly max_bytes: number;
  readonly dropped: Readonly<Record<'bytes' | 'age' | 'rejected' | 'busy' | 'failed', number>>;
  readonly notices: readonly string[];
  readonly services: readonly { readonly name: string; readonly rows: number; readonly last_seen: string }[];
}

/** What the explorer says of itself, and what the services say. */
export interface Health {
  readonly status: Status;
  readonly services: readonly ServiceHealth[];
}

const everyMs = 5000;

/** Reads again every few seconds while the page is looked at. */
export function useHealth() {
  const [state, setState] = useState<{ health?: Health; failed: boolean }>({ failed: false });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      if (!document.hidden) {
        try {
          const [status, { services }] = await Promise.all([
            getJson<Status>('/api/status', signal),
            getJson<Pick<Health, 'services'>>('/api/pipeline', signal),
          ]);
          noteHoneycombAccount(services.find(({ honeycomb }) => honeycomb !== undefined)?.honeycomb);
          setState({ health: { status, services }, failed: false });
        } catch {
          if (signal.aborted) return;
          setState((before) => ({ ...before, failed: true }));
        }
      }
      timer = setTimeout(read, everyMs);
    };
    void read();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, []);
  return state;
}

/** Services that sent something, and those that can be asked. */
export function healthNames({ status, services }: Health): string[] {
  const asked = services.filter(({ reachable }) => reachable);
  return [...new Set([...status.services, ...asked].map(({ name }) => name))].sort();
}
