import { useEffect, useState } from 'preact/hooks';
import type { ServiceHealth } from '../../pipeline/routes.ts';
import type { Status } from '../../status.ts';
import { getJson } from '../api.ts';
import { noteHoneycombAccount } from '../honeycomb/honeycomb-place.ts';

/** What the explorer reports about itself, and what the services report. */
export interface Health {
  readonly status: Status;
  readonly services: readonly ServiceHealth[];
}

const EVERY_MS = 5000;

/** Reads again every few seconds while the page is looked at, and with each `turn`. */
export function useHealth(turn: number) {
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
      timer = setTimeout(read, EVERY_MS);
    };
    void read();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [turn]);
  return state;
}

/** Whether a service that was seen has been stopped: nothing listens any more where it did. */
export function isStopped({ services }: Health, name: string): boolean {
  return services.some((each) => each.name === name && each.stopped);
}

/** Names of the services that sent spans or whose metrics can be read. */
export function healthNames({ status, services }: Health): string[] {
  const asked = services.filter(({ reachable }) => reachable);
  return [...new Set([...status.services, ...asked].map(({ name }) => name))].sort();
}
