export interface PlannedRequest {
  /** Below the API's origin. */
  readonly path: string;
  readonly user: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Nobody has this handle: its page is a 404 in the mix. */
export const ABSENT_HANDLE = '@nobody-has-this-handle';

const ROUTES = [
  'home',
  '@andrewbrown',
  'search?term=cloud',
  'notifications?handle=bayko',
  'home?limit=5',
  ABSENT_HANDLE,
];
const USERS = ['andrewbrown', 'bayko', 'londo', 'worf', 'tasha', 'picard', 'data'];

/** The user with slow requests: user-lookup delays two of three by 160 to 320 ms. */
export const SLOW_USER = 'worf';

/**
 * The nth request of a steady mix: routes and users in turn. The requests of one user are slow, and in one of 43
 * user-lookup fails. The faults need FAULT_INJECTION, which `dev` sets; without it the services ignore them.
 *
 * @param scenario marks every span of the request (`tandem.scenario`)
 */
export function plannedRequest(n: number, scenario: string): PlannedRequest {
  const user = USERS[n % USERS.length] ?? SLOW_USER;
  const fault = faultOf(n, user);
  return {
    path: `/api/activities/${ROUTES[n % ROUTES.length]}`,
    user,
    headers: {
      baggage: `user.id=${user},tandem.scenario=${scenario}`,
      ...(fault !== undefined && { 'tandem.fault': fault }),
    },
  };
}

function faultOf(n: number, user: string): string | undefined {
  if (user === SLOW_USER && n % 3 > 0) return `user-lookup:delay=${160 + 20 * ((n * 5) % 9)}`;
  return n % 43 === 7 ? 'user-lookup:error=503' : undefined;
}
