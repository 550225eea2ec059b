import '../../../page/common.ts';
import type { Status } from '../../../core/status.ts';
import { forwardedText } from '../words.ts';

/** What was sent on, and why something was not. */
export default function PipelineSection({ status: { forward } }: { readonly status: Status }) {
  if (forward === undefined) return null;
  return (
    <>
      <p>{forwardedText(forward)}</p>
      {forward.problems.map((problem) => (
        <p key={problem} class="error-text">
          {problem}
        </p>
      ))}
    </>
  );
}
