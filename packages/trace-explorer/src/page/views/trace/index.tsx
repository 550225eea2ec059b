import type { ViewProps } from '../../client/views.ts';

export default function View({ place }: ViewProps) {
  return <p>{place.id ?? place.view}</p>;
}
