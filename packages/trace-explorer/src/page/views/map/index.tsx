import type { ViewProps } from '../../client/views.ts';

export default function MapView({ place }: ViewProps) {
  return <p>{place.params.query}</p>;
}
