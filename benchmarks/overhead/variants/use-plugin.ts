/** Leaves a Fastify plugin for the service to register. */
export function usePlugin(plugin: unknown): void {
  Reflect.set(globalThis, Symbol.for('tandem.overhead.plugin'), plugin);
}
