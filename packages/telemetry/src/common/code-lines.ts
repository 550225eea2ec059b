import type { Attributes } from '@opentelemetry/api';
import { processWide } from './process-wide.ts';

/** Finds lines of code in this process, where TRACE_CODE_LOCATIONS asks for them. */
export interface CodeLines {
  /** The folder that paths are relative to. */
  readonly folder: string;
  /** File and function of an error whose stack names a line that the file does not have; nothing for any other stack. */
  placeWithoutLine?(stack: string): Attributes;
}

/** Undefined where nobody asks for lines. */
export const codeLines = processWide<CodeLines | undefined>('code lines 3', undefined);
