import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Something read from the explorer: the last answer stays while the next one is under way. */
export interface Load<T> {
  readonly value: T | undefined;
  readonly error: Error | undefined;
  readonly busy: boolean;
  reload(): void;
  /** Gives up the running request; what was there stays. */
  cancel(): void;
}

/** Reads when the component appears and whenever `inputs` change; what is no longer wanted is aborted. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Load<T> {
  const [state, setState] = useState<Pick<Load<T>, 'value' | 'error' | 'busy'>>({
    value: undefined,
    error: undefined,
    busy: true,
  });
  const [turn, setTurn] = useState(0);
  const running = useRef<AbortController>(undefined);
  // Before the browser paints: waiting for that would cost every request a frame or two.
  useLayoutEffect(() => {
    const controller = new AbortController();
    running.current = controller;
    setState((before) => ({ ...before, busy: true }));
    load(controller.signal).then(
      (value) => {
        if (!controller.signal.aborted) setState({ value, error: undefined, busy: false });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const shown = error instanceof Error ? error : new Error(String(error));
        setState((before) => ({ ...before, error: shown, busy: false }));
      },
    );
    return () => controller.abort();
  }, [...inputs, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const cancel = useCallback(() => {
    running.current?.abort();
    setState((before) => ({ ...before, busy: false }));
  }, []);
  return { ...state, reload, cancel };
}
