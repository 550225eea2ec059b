import type { ComponentChildren } from 'preact';
import type { Status } from '../../core/status.ts';
import { visibleName } from '../../lib/text/harmless-text.ts';
import { useJson, useLoad } from '../api/use-load.ts';
import type { ViewProps } from '../browser/router.ts';
import { Icon } from '../components/icon.tsx';
import { ServiceLink } from '../components/services/service-name.tsx';
import { codeOf } from '../view-of.ts';
import { unreadParams } from './unread.ts';

/** Most known services that an unknown one is told with. */
const MOST_KNOWN = 8;

export interface UnreadParamsProps extends ViewProps {
  /** The services that have sent data; undefined before they are known. */
  readonly services: readonly string[] | undefined;
}

/** What of the address the view does not read, so that nobody takes what is shown for the answer. Nothing where all is read. */
export function UnreadParams({ place, services }: UnreadParamsProps) {
  const { value: texts = [], stale } = useLoad(
    async () => unreadParams(place, (await codeOf(place.view)?.())?.default.params() ?? {}),
    [JSON.stringify(place)],
  );
  const isUnknown = place.view === 'service' && services !== undefined && !services.includes(place.id ?? '');
  return (
    <>
      {!stale && texts.map((text) => <Unread key={text}>{text}</Unread>)}
      {isUnknown && <UnknownService key={place.id} name={place.id ?? ''} />}
    </>
  );
}

/** A service of which nothing is stored, with those that are. A link may name one that has come since they were last read. */
function UnknownService({ name }: { readonly name: string }) {
  const { value } = useJson<Status>('/api/status');
  const known = value?.services.map((each) => each.name).toSorted() ?? [];
  // Where nothing is stored, the view says so.
  if (known.length === 0 || known.includes(name)) return null;
  const more = known.length - MOST_KNOWN;
  return (
    <Unread>
      Nothing stored is of service {visibleName(name)}. Known:{' '}
      {known.slice(0, MOST_KNOWN).map((each) => (
        <span key={each}>
          <ServiceLink name={each} />{' '}
        </span>
      ))}
      {more > 0 && `and ${more} more`}
    </Unread>
  );
}

function Unread({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="unread muted strip by-text" role="status">
      <Icon name="alert" /> <bdi class="anywhere">{children}</bdi>
    </p>
  );
}
