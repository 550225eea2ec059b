import type { ViewProps } from '../../client/views.ts';

export default function QueryView({ place }: ViewProps) {
  return <p>{place.params.query}</p>;
}
