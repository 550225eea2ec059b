/** What telemetry changes in the process that it is in, with the programs that show it. Its README lists these facts. */
export interface Fact {
  readonly what: string;
  readonly programs: Readonly<Record<string, readonly ('run' | 'register')[]>>;
}

export const FACTS: readonly Fact[] = [];
