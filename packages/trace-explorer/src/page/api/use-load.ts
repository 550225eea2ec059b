import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { getJson } from './api.ts';
import { useRetry } from './use-retry.ts';

/** A value that is read from the explorer. The last value stays during the next read. */
export interface Load<T> {
  readonly value: T | undefined;
  /** Whether the value answers earlier inputs, such as another time range. Show it within `Stale`, or leave it out. */
  readonly stale: boolean;
  readonly error: Error | undefined;
  readonly busy: boolean;
  /** Reads again. A read in progress ends first. */
  reload(): void;
  /** Cancels the read in progress. The last value stays. */
  cancel(): void;
}

interface State<T> extends Pick<Load<T>, 'value' | 'error' | 'busy'> {
  /** The inputs that the value answers. */
  readonly of: readonly unknown[];
}

/** Reads when the component appears, and whenever `inputs` change. An earlier read is aborted. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Load<T> {
  const [{ of, ...state }, setState] = useState<State<T>>({
    value: undefined,
    of: inputs,
    error: undefined,
    busy: true,
  });
  const [turn, setTurn] = useState(0);
  const running = useRef<AbortController>(undefined);
  const due = useRef(false);
  // Reads before the browser paints, because waiting for the paint would cost every request a frame or two.
  useLayoutEffect(() => {
    const controller = new AbortController();
    running.current = controller;
    due.current = false;
    setState((before) => ({ ...before, busy: true }));
    const end = (changes: Pick<State<T>, 'error'> & Partial<Pick<State<T>, 'value' | 'of'>>) => {
      if (controller.signal.aborted) return;
      controller.abort();
      setState((before) => ({ ...before, ...changes, busy: false }));
      if (due.current) setTurn((before) => before + 1);
    };
    load(controller.signal).then(
      (value) => end({ value, of: inputs, error: undefined }),
      (error: unknown) => end({ error: error instanceof Error ? error : new Error(String(error)) }),
    );
    return () => controller.abort();
  }, [...inputs, turn]);
  const reload = useCallback(() => {
    if (running.current?.signal.aborted) setTurn((before) => before + 1);
    else due.current = true;
  }, []);
  const cancel = useCallback(() => {
    running.current?.abort();
    setState((before) => ({ ...before, busy: false }));
  }, []);
  useRetry(state.error, reload);
  const stale = state.value !== undefined && of.some((input, i) => !Object.is(input, inputs[i]));
  return { ...state, stale, reload, cancel };
}

/** Reads the JSON at a path of the explorer. @param inputs as of `useLoad`; the path when left out */
export function useJson<T>(path: string, inputs: readonly unknown[] = [path]): Load<T> {
  return useLoad((signal) => getJson<T>(path, signal), inputs);
}
