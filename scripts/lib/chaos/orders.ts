/** What a service can be told to do to itself. */
export type Order =
  | { readonly kind: 'stall'; readonly milliseconds: number }
  | { readonly kind: 'step-clock'; readonly milliseconds: number }
  | { readonly kind: 'names'; readonly fails: boolean }
  /** In the middle of the next request that asks another service something. */
  | { readonly kind: 'end'; readonly by: 'throw' | 'exit' };

/** A name that services find by DNS: this machine, until they are told that names fail. */
export const CHAOS_HOST = 'this-machine.chaos.test';
