import type { Annotated } from '../../core/command/annotations.ts';
import type { ExplorerClient } from '../../core/command/client/explorer-client.ts';
import type { LastRun } from '../../core/command/last-run.ts';
import type { AcceptedHere } from '../../core/problems/file/accepted.ts';

/** A run whose command has ended. */
export interface EndedRun {
  readonly id: string;
  /** When the command began, in seconds since the epoch. */
  readonly since: number;
  /** The name of the coding agent that the command was. */
  readonly agent?: string | undefined;
  /** Whether the store has tests of it. */
  readonly hasTests: boolean;
  /** The names of all stored fields. */
  readonly columns: ReadonlySet<string>;
  /** The program that the command began with, and the command's exit code. */
  readonly program: string;
  readonly exitCode: number;
  /** The same command under --profile, as it can be typed; undefined where it ran under it. */
  readonly profiling?: string | undefined;
  /** When the command was asked to stop, in seconds since the epoch. */
  readonly stopped?: number | undefined;
  /** The run before of the same command in the same folder. */
  readonly last?: LastRun | undefined;
  /** Stored requests of it. */
  readonly requests: number;
  readonly known?: AcceptedHere | undefined;
}

/** What a part says at the end of `run`. */
export interface RunSummary {
  readonly text: string;
  /** What came of the run, for a file. The text then stands in place of the number of traces. */
  readonly facts?: object;
  /** How many problems these are. */
  readonly problems?: number;
  /** Lines of code that something is wrong with, the worst first. */
  readonly places?: readonly Annotated[];
}

/** @throws Error where the explorer does not answer */
export type RunEnding = (client: ExplorerClient, run: EndedRun) => Promise<RunSummary | undefined>;

/** What a part says of several runs of a command, by their ids, the oldest first. @throws Error where the explorer does not answer */
export type RunsEnding = (client: ExplorerClient, runs: readonly string[]) => Promise<RunSummary>;

declare module '../../core/door/node.ts' {
  interface NodePart {
    /** What the part says at the end of `run`. */
    runEnding?(): Promise<RunEnding>;
    /** What the part says at the end of `run --times`. */
    runsEnding?(): Promise<RunsEnding>;
  }
}
