/**
 * The path under which the server lives, without a slash at its end: empty, or for example `/prometheus`
 * with a route prefix or behind a proxy. Every page is one segment below it (`/prometheus/targets`), as the
 * page's own relative asset addresses require too.
 */
export function pathPrefix(pathname: string): string {
  return pathname.slice(0, pathname.lastIndexOf('/'));
}

/** The page's own segment: `targets` of `/prometheus/targets`; empty for the root. */
export function pageSegment(pathname: string): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1);
}
