/** The one way to the server's API. Tells `readiness` when the server turns out to be away or still starting. */

import { ApiError, readAnswer, type Answer } from './answer';
import { prefix } from './page';
import { serverAway } from './readiness';

/** Servers and proxies refuse long request lines; a query beyond this length travels in a body. */
const LONGEST_GET = 2000;

/** Asks `/api/v1` + `path`. Throws `ApiError`, or the signal's own reason when it was aborted. */
export async function ask<T>(path: string, params: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Answer<T>> {
  const form = new URLSearchParams(params);
  const url = `${prefix}/api/v1${path}`;
  const long = form.toString().length > LONGEST_GET;
  const init: RequestInit = { cache: 'no-store', ...(signal && { signal }), ...(long && { method: 'POST', body: form }) };
  try {
    const response = await fetch(long || form.size === 0 ? url : `${url}?${form}`, init);
    const body = await response.text();
    return readAnswer<T>(response.status, body, response.headers.get('X-Prometheus-Stopping') === 'true');
  } catch (error) {
    signal?.throwIfAborted();
    const told = error instanceof ApiError ? error : new ApiError('unreachable', `The server does not answer: ${String(error)}`);
    if (told.type === 'starting' || told.type === 'stopping' || told.type === 'unreachable') serverAway(told.type);
    throw told;
  }
}
