import type { ToldFinding, TraceOutline } from '../model/outline.ts';
import type { TraceModel } from '../model/trace-model.ts';
import { buildModel } from '../model/trace-model.ts';

/** A trace, and what is wrong with it. */
export interface AskedTrace {
  readonly model: TraceModel;
  readonly findings: readonly ToldFinding[];
}

/** Asks for a trace with its findings, which come apart for a large one. @param ask answers a path of the explorer's API */
export async function askTrace(id: string, ask: <T>(path: string) => Promise<T>): Promise<AskedTrace> {
  const outline = await ask<TraceOutline>(`/api/traces/${id}/outline`);
  return { model: buildModel(outline), findings: outline.findings ?? (await askFindings(id, ask)) };
}

/** Asks for the findings of a large trace. */
async function askFindings(
  id: string,
  ask: <T>(path: string) => Promise<T>,
): Promise<readonly ToldFinding[]> {
  const { findings } = await ask<{ findings: readonly ToldFinding[] }>(`/api/traces/${id}/findings`);
  return findings;
}
