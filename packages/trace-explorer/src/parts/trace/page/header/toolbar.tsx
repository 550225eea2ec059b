import { Icon } from '../../../../page/components/icon.tsx';
import { Segmented } from '../../../../page/components/inputs/segmented.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { Toggle } from './toggle.tsx';

/** The waterfall alone or with its log lines, and the critical path. */
export function TraceToolbar({ shown, hasLogs }: { shown: ShownTrace; hasLogs: boolean }) {
  const { model, state, change, logs } = shown;
  return (
    <div class="trace-toolbar line">
      {state.root !== undefined && (
        <Undo label="Subtree" onUndo={() => change({ root: undefined, range: undefined })} />
      )}
      {state.range !== undefined && <Undo label="Zoom" onUndo={() => change({ range: undefined })} />}
      <Segmented
        label="Beside the spans"
        value={hasLogs ? 'logs' : 'waterfall'}
        choices={[
          [
            'waterfall',
            <>
              <Icon name="flow" />
              <span class="icon-word">Waterfall</span>
            </>,
          ],
          [
            'logs',
            <>
              <Icon name="lines" />
              <span class="icon-word">Logs</span> {formatCount(logs.lines.length)}
              {logs.more && '+'}
            </>,
          ],
        ]}
        onChoose={(chosen) => change({ logs: chosen === 'logs' })}
      />
      {model.own === undefined && (
        <Toggle
          label={
            <>
              <Icon name="branch" /> <span class="icon-word">Critical path</span>{' '}
              <kbd class="wide-only">c</kbd>
            </>
          }
          on={state.criticalPath}
          onToggle={(criticalPath) => change({ criticalPath })}
        />
      )}
    </div>
  );
}

function Undo({ label, onUndo }: { label: string; onUndo: () => void }) {
  return (
    <button type="button" class="chip" aria-label={`Undo ${label}`} onClick={onUndo}>
      {label} <Icon name="x" />
    </button>
  );
}
