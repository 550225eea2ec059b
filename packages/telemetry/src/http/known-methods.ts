/** The methods of RFC 9110, PATCH (RFC 5789) and QUERY, in capitals: all others are `_OTHER` in `http.request.method`. */
export const KNOWN_METHODS: ReadonlySet<string> = new Set(
  'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY'.split(' '),
);
