// Small parts that most views use. The bundle imports this file ahead of each other one, so that these parts and their imports are
// in one file. Otherwise there would be twenty files of a few hundred bytes, one for each set of views that share parts, and a
// browser requests only six files at a time.
import './charts/ticks.ts';
import './browser/canvas-colors.ts';
import './components/cards/card.tsx';
import './components/meter.tsx';
import './components/inputs/choose.tsx';
import './components/times/describe-times.ts';
import './components/inputs/copy-button.tsx';
import './components/overlays/dialog.tsx';
import './components/states/empty-state.tsx';
import './components/states/estimated.tsx';
import './components/states/loaded.tsx';
import './components/inputs/filter-form.tsx';
import './components/inputs/typed.tsx';
import './components/services/service-name.tsx';
import './components/table.tsx';
import './components/tabs.tsx';
import './components/link.tsx';
import './view-of.ts';
import './components/times/time.tsx';
import './browser/use-color-scheme.ts';
import './browser/use-width.ts';
import './health/stored-text.ts';
import './honeycomb/honeycomb-place.ts';
import '../core/places/list-param.ts';
import './browser/use-keys.ts';
import './api/use-live.ts';
import './api/send-query.ts';
import './api/trace-list.ts';
import '../core/query/build/ready-made.ts';
import '../core/query/build/failed-spans.ts';
import '../core/shared/trace-reference.ts';
import '../core/shared/trace-id.ts';
