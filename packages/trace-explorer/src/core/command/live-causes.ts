import type { AcceptedHere } from '../problems/file/accepted.ts';
import type { ExplorerClient } from './client/explorer-client.ts';

/** Says what is new while programs run, until it is called to stop. @param run the id of the run; all senders without one */
export type LiveCauses = (
  client: ExplorerClient,
  run: string | undefined,
  say: (line: string) => void,
  known?: AcceptedHere,
) => () => void;

declare module '../door/node.ts' {
  interface NodePart {
    /** Asked by `run` and by `node tandem dev`. */
    liveCauses?(): Promise<LiveCauses>;
  }
}
